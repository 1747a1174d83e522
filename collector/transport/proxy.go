package transport

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
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

// ProxyForm says how the address of a proxy has to look.
const ProxyForm = "not a proxy: write http://host:port, with user and password percent-encoded"

// BadVariable is a variable of the environment that cannot mean what it is set to. Why does not quote the value, which
// may hold a password.
type BadVariable struct {
	Name, Why string
}

// BadProxies returns the variables about proxies that are set and cannot be meant so. It looks at what
// http.ProxyFromEnvironment will read, because that takes a URL which it cannot parse for no proxy at all, or for one with
// a strange name (golang/go#38166), and an exception which it cannot read for none.
func BadProxies() []BadVariable {
	var bad []BadVariable
	some := false
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		value := os.Getenv(name)
		some = some || value != ""
		if value != "" && !IsProxy(value) {
			bad = append(bad, BadVariable{name, ProxyForm})
		}
	}
	name := "NO_PROXY"
	if os.Getenv(name) == "" {
		name = "no_proxy"
	}
	if why := badExceptions(os.Getenv(name)); some && why != "" {
		bad = append(bad, BadVariable{name, why})
	}
	return bad
}

// IsProxy reports whether a value is the address of a proxy that net/http can use. Whatever follows the port is a sign
// of a user or a password that is not percent-encoded.
func IsProxy(value string) bool {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return false
	}
	_, err = strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16)
	return err == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}

// badExceptions says what is wrong with a list of hosts that are reached without a proxy, nothing if it can be read.
func badExceptions(value string) string {
	entries := strings.Split(value, ",")
	for i, entry := range entries {
		if entry = strings.TrimSpace(entry); entry != "" && !isException(entry) {
			return fmt.Sprintf("entry %d of %d is no host, .domain, address or network: write such as api.example.com, .example.com, 10.96.0.1 or 10.96.0.0/12, with commas between", i+1, len(entries))
		}
	}
	return ""
}

// unresolved matches a reference of a pod's variable to one that is not there: Kubernetes leaves it as it is, and the
// chart writes $(NO_PROXY) where another source may or may not have it.
var unresolved = regexp.MustCompile(`^\$\([A-Za-z_][A-Za-z0-9_.-]*\)$`)

// isException knows the forms that golang.org/x/net/http/httpproxy documents. A name may have any characters but those
// that show that something else was meant.
func isException(entry string) bool {
	if entry == "*" || unresolved.MatchString(entry) {
		return true
	}
	if _, _, err := net.ParseCIDR(entry); err == nil {
		return true
	}
	if _, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return true
	}
	if _, err := netip.ParseAddrPort(entry); err == nil {
		return true
	}
	host, port, ported := strings.Cut(strings.TrimPrefix(entry, "*."), ":")
	if _, err := strconv.ParseUint(port, 10, 16); ported && err != nil {
		return false
	}
	strange := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`;|/\*@?#"'<>()[]{}=`, r) }
	return host != "" && !strings.ContainsFunc(host, strange)
}
