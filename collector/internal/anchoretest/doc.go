// Package anchoretest is a receiver that behaves on the wire as Anchore Enterprise does, and is stricter.
//
// Anchore takes runtime inventories over HTTP. A collector asks /version (no credentials) which API the service speaks,
// then posts one JSON report with Basic authentication; the header x-anchore-account says whose inventory it is. There
// are three generations of the report: the v2 path and the v1 path take the same body of namespaces, nodes, pods and
// containers that point at each other by UID, and an older path takes KAI's body of images by namespace. The service
// validates a report against its OpenAPI schema as a whole: one empty UID among fifty thousand, or one null where an
// array is due, and everything is refused with 400 and a sentence that ends in the path of the offending value.
//
// What the schema leaves open but the meaning demands is enforced here too: a pod's namespace and node are in the same
// report, a container's pod is, nothing is named twice. A body that passes CheckV2 or CheckKAI can be trusted to arrive.
//
// The service is closed, so what it makes of a gzip body is not known; a Receiver can take it, or refuse it in either
// of the ways that its web framework (Connexion on Flask) would. It takes exactly one gzip member (RFC 1952 section 2.2
// allows more), because decoders exist that stop silently after the first.
//
// Networks misbehave in ways of their own: proxies answer with login pages, load balancers cut connections. A script of
// Fault values plays these, one for each request. Everything a Receiver saw can be read back with Requests.
//
// The package serves tests, the demo and the benchmarks; nothing that ships imports it. Bodies are checked as they
// stream in, so that a report of a large cluster costs memory for its UIDs and for what Options.KeepBody retains.
package anchoretest
