// Package deliver takes a finished inventory to those who asked for it.
//
// A receiver is a service on the other side of networks, proxies, gateways and sign-on pages that all speak HTTP and
// all may answer in its place. What matters is therefore not that an answer came but whose it was: an inventory counts
// as delivered only when the expected status came with an empty or a JSON body. A login page with status 200 is a
// failure, and a redirect is followed only within the same origin and only when it keeps the method (307, 308),
// because credentials must never follow to another host and a POST must never turn into a GET that succeeds.
//
// Faults are of two kinds. Some pass by themselves: a network error, 408, 425, 429, 5xx. They are tried again with
// growing pauses, for as long as the caller's context has time, and with exactly the same bytes. All others do not, and
// fail at once with the receiver's own words, which are capped, freed of control characters and redacted, because a
// hostile receiver must not be able to forge a log line or to play back a password into it. Whose move it
// is tell ErrInvalid of package settings, ErrRefused and ErrUnavailable; an error that wraps none of them is our own (a
// body that cannot be read) or that of a context which ended before the receiver had failed.
//
// Time is measured as silence, not as duration: a large body over a slow line may take as long as it needs, while a
// peer that makes no progress at all for anchore.http.timeout-seconds is given up.
//
// Whether Anchore Enterprise decodes a compressed body is not documented. So compression is negotiated by trying: gzip
// first and, when the answer blames the body, the same body plain, once; what was learned holds for the bodies that
// follow.
//
// Four receivers share these rules as far as they concern them. Anchore is the service that this tool was made for: it
// has accounts, two generations of its API, and a list of integrations to be in. HTTP is any other service that takes
// JSON. File writes for those who carry inventories on by other means. Infralight takes whole objects, in steps that are
// told in its comment.
package deliver
