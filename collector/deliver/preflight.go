package deliver

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"stocktake/collector/transport"
)

// The pace of preflight: a service that is down is told within some three seconds, a slow answer is waited for.
const (
	preflightFirst  = 250 * time.Millisecond
	preflightWithin = 3 * time.Second
)

// Preflight finds out whether the service can be reached and, unless a setting says so, which API it speaks. It sends
// no credentials. A service that cannot be reached is ErrUnavailable after a few quick attempts: a run that cannot
// deliver must not cost the API server a thousand pages.
func (a *Anchore) Preflight(ctx context.Context) error {
	if _, fault := a.meet(ctx); fault != nil {
		return fault
	}
	return nil
}

// meet is preflight. The answer is nil when there was none, and otherwise
// whatever came, an error of the service too.
func (a *Anchore) meet(ctx context.Context) (*answer, *Error) {
	a.client.warnInsecure(a.base)
	if apiPath.MatchString(a.options.URL) {
		a.client.report(Event{Receiver: a.base.String(), Message: "anchore.url ends in a path of the API, using what comes before it"})
	}
	e := request{method: http.MethodGet, url: a.address(pathVersion), header: http.Header{}}
	said, fault := a.client.ask(ctx, e, a.options.APIVersion == auto)
	if fault != nil && (fault.Status == 0 || fault.ended != nil) {
		return said, fault
	}
	if a.options.APIVersion == auto {
		a.choose(e.url, said, fault)
	}
	return said, nil
}

// warnInsecure is loud in every run. Loopback is no exception: what listens there is often the end of a tunnel.
func (c *client) warnInsecure(base *url.URL) {
	if c.secret && base.Scheme == "http" {
		c.report(Event{
			Receiver: base.Scheme + "://" + base.Host,
			Message:  c.security.URL + " begins with http://: what is sent is not encrypted, anyone in between can read the login",
			Warning:  true,
		})
	}
	if c.security.Insecure && base.Scheme == "https" {
		c.report(Event{
			Receiver: base.Scheme + "://" + base.Host,
			Message:  c.security.Prefix + "insecure: the receiver's certificate is not verified, anyone in between can read the password",
			Warning:  true,
		})
	}
}

// ask makes a request in a hurry. An answer that passes by itself, such as 503 while a service starts, is asked for
// again only if it matters: any other proves as well that somebody is there.
func (c *client) ask(ctx context.Context, e request, matters bool) (*answer, *Error) {
	var got *answer
	hurried := transport.RetryPolicy{First: preflightFirst, Most: preflightWithin, Within: preflightWithin}
	fault := retry(ctx, hurried, func(int) *Error {
		var fault *Error
		got, _, fault = c.attempt(ctx, e, c.patience)
		if fault != nil && fault.Status != 0 && !matters {
			fault.again = false
		}
		return fault
	}, c.waiting)
	return got, fault
}

// choose picks the path. An API that is newer than the known ones is taken for compatible with the newest.
func (a *Anchore) choose(asked string, got *answer, fault *Error) {
	if fault == nil {
		if major, ok := apiMajor(got.body); ok {
			if major < 2 {
				a.path = pathV1
			}
			return
		}
	}
	e := Event{
		Receiver: asked,
		Message:  "the API version is not known, assuming v2: set anchore.api-version",
		Warning:  true,
	}
	if fault != nil {
		e.Err = fault
	}
	a.client.report(e)
}

// apiMajor reads "2" from {"api":{"version":"2"}}; Enterprise before 5 has versions such as "0.2.0" there.
func apiMajor(body []byte) (int, bool) {
	var v struct {
		API struct{ Version string }
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return 0, false
	}
	major, _, _ := strings.Cut(v.API.Version, ".")
	n, err := strconv.Atoi(strings.TrimPrefix(major, "v"))
	return n, err == nil && n >= 0
}
