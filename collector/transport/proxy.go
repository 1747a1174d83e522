package transport

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ProxyError is the answer of a proxy that does not let us through to an https address.
type ProxyError struct {
	Proxy  string // its address, without a user and a password; empty if it is not known
	Status int    // of the answer to CONNECT
}

// Error names the proxy and the status.
func (e *ProxyError) Error() string {
	words := []string{"the proxy", e.Proxy, "answers", strconv.Itoa(e.Status), http.StatusText(e.Status)}
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ")
}

// Passes reports whether the same request may well get through later.
func (e *ProxyError) Passes() bool { return Passes(e.Status) }

// Passes reports whether a status says that the same request, which only reads, may well
// succeed soon.
func Passes(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// CheckProxyAnswer is an http.Transport's OnProxyConnectResponse. Its error is a *ProxyError, where net/http would give
// the bare words of the status.
func CheckProxyAnswer(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &ProxyError{Proxy: ProxyAddress(proxy), Status: resp.StatusCode}
	}
	return nil
}

// ProxyAddress is that of a proxy as it may be shown: without a user and a password. It is empty for nil.
func ProxyAddress(proxy *url.URL) string {
	if proxy == nil {
		return ""
	}
	return proxy.Scheme + "://" + proxy.Host
}
