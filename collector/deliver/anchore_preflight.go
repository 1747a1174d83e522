package deliver

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"stocktake/collector/plaintext"
	"stocktake/collector/transport"
)

// Preflight finds out whether the service can be reached and, unless a setting says so, which API it speaks. It sends
// no credentials. A service that cannot be reached is ErrUnavailable after a few quick attempts: a run that cannot
// deliver must not cost the API server a thousand pages.
func (a *Anchore) Preflight(ctx context.Context) error {
	_, e := a.meet(ctx)
	return failed(e)
}

// meet is preflight. Unless there is an error, the answer is whatever came, an error of the service too.
func (a *Anchore) meet(ctx context.Context) (transport.Answer, *transport.Error) {
	a.client.warnInsecure()
	if apiPath.MatchString(a.options.URL) {
		a.client.report(Event{Receiver: a.client.base.String(), Message: "anchore.url ends in a path of the API, using what comes before it"})
	}
	req := a.version()
	req.Any = a.options.APIVersion != auto
	said, e := a.client.Do(ctx, req)
	if e != nil && (e.Status == 0 || e.GivenUp != nil) {
		return said, e
	}
	if a.options.APIVersion == auto {
		a.choose(req.URL, said, e)
	}
	return said, nil
}

// choose picks the path. An API that is newer than the known ones is taken for compatible with the newest.
func (a *Anchore) choose(asked string, said transport.Answer, e *transport.Error) {
	if e == nil {
		if major, ok := apiMajor(said.Body); ok {
			if major < 2 {
				a.path = pathV1
			}
			return
		}
	}
	a.client.report(Event{
		Receiver: asked,
		Message:  "the API version is not known, assuming v2: set anchore.api-version",
		Warning:  true,
		Err:      failed(e),
	})
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

// releaseOf reads "5.11.0" from {"service":{"version":"5.11.0"}}.
func releaseOf(body []byte) string {
	var v struct {
		Service struct{ Version string }
	}
	_ = json.Unmarshal(body, &v) // what is not there is not known
	return plaintext.Cut(v.Service.Version, 100)
}
