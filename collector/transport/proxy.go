package transport

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// ProxyForm says how the value of a variable has to look that BadProxies names.
const ProxyForm = "not a proxy: write http://host:port, with user and password percent-encoded"

// BadProxies returns the names of the environment's variables that are set and hold no proxy. It looks at what
// http.ProxyFromEnvironment will read, because that takes a URL which it cannot parse for no proxy at all, or for one with
// a strange name. The values may hold passwords: nobody should show them.
func BadProxies() []string {
	var bad []string
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		if value := os.Getenv(name); value != "" && !isProxy(value) {
			bad = append(bad, name)
		}
	}
	return bad
}

func isProxy(value string) bool {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	return err == nil && u.Hostname() != ""
}

// ProxyError is the answer of a proxy that does not let us through to an https address.
type ProxyError struct {
	Status int // of the answer to CONNECT
}

// Error names the status.
func (e *ProxyError) Error() string {
	return strings.TrimSpace("the proxy answers " + strconv.Itoa(e.Status) + " " + http.StatusText(e.Status))
}

// CheckProxyAnswer is an http.Transport's OnProxyConnectResponse. Its error is a *ProxyError, where net/http would give
// the bare words of the status.
func CheckProxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &ProxyError{Status: resp.StatusCode}
	}
	return nil
}
