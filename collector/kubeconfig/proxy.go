package kubeconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"

	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// maxRefusal bounds what is read to find out who refuses, in bytes.
const maxRefusal = 64 << 10

// proxies know which proxy a request goes through, and where that was set.
type proxies struct {
	of     func(*http.Request) (*url.URL, error)
	byFile bool // proxy-url of the kubeconfig says so, and not the environment
}

// takeProxies refuses variables that hold no proxy, where a proxy can be meant:
// net/http would go past it without a word. It makes client-go build a transport of
// our own instead of sharing one, so that listen may change it.
func takeProxies(config *rest.Config) (proxies, error) {
	if config.Proxy != nil {
		return proxies{of: config.Proxy, byFile: true}, nil
	}
	if bad := transport.BadProxies(); len(bad) > 0 && !isLocal(config.Host) {
		var all []error
		for _, b := range bad {
			all = append(all, fmt.Errorf("%w: %s: %s", settings.ErrInvalid, b.Name, b.Why))
		}
		return proxies{}, errors.Join(all...)
	}
	config.Proxy = http.ProxyFromEnvironment
	return proxies{of: config.Proxy}, nil
}

// isLocal reports an address of this machine, for which net/http never takes a
// proxy of the environment.
func isLocal(host string) bool {
	if !strings.Contains(host, "://") {
		host = "//" + host
	}
	u, err := url.Parse(host)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// listen makes the answer of a proxy that lets nobody through a *transport.ProxyError,
// where net/http would give its bare words: "Forbidden", which reads as a missing role.
func (p proxies) listen(tripper http.RoundTripper) {
	for tripper != nil {
		if t, ok := tripper.(*http.Transport); ok {
			t.OnProxyConnectResponse = transport.CheckProxyAnswer
			return
		}
		wrapper, ok := tripper.(utilnet.RoundTripperWrapper)
		if !ok {
			return
		}
		tripper = wrapper.WrappedRoundTripper()
	}
}

// refusal is the answer of a proxy that came in the place of an API server's.
func (p proxies) refusal(resp *http.Response, ofServer func(body []byte) bool) error {
	proxy := p.asked(resp)
	if proxy == nil || resp.StatusCode == http.StatusForbidden && fromServer(resp, ofServer) {
		return nil
	}
	_ = resp.Body.Close() // an answer in error: nothing to learn
	return &transport.ProxyError{Proxy: transport.ProxyAddress(proxy), Status: resp.StatusCode}
}

// asked is the proxy that may have given an answer by itself: one for http, which is
// asked without CONNECT. It is nil where the answer is no refusal of a proxy.
func (p proxies) asked(resp *http.Response) *url.URL {
	if resp.StatusCode != http.StatusProxyAuthRequired && resp.StatusCode != http.StatusForbidden || p.of == nil || resp.Request.URL.Scheme != "http" {
		return nil
	}
	proxy, _ := p.of(resp.Request) // an error would have come in the place of the answer
	return proxy
}

// fromServer reports that an answer is that of the API server. It is read from its
// beginning afterwards.
func fromServer(resp *http.Response, ofServer func(body []byte) bool) bool {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	resp.Body = answer{io.MultiReader(bytes.NewReader(text), resp.Body), resp.Body}
	return err != nil || ofServer(text)
}

// answer is one of which a part was read already.
type answer struct {
	io.Reader
	io.Closer
}

// explain adds the way out to the refusal of a proxy. To ask such a proxy again does
// not help, and may lock the account whose password it refused.
func (p proxies) explain(req *http.Request, err error) error {
	refusal, refused := errors.AsType[*transport.ProxyError](err)
	switch {
	case refused && refusal.Passes():
		return err
	case refused:
		return fmt.Errorf("%w: %w: %s", settings.ErrInvalid, refusal, p.wayOut(req, refusal.Status == http.StatusProxyAuthRequired))
	case socksRefusal(err):
		proxy, _ := p.of(req)
		login := strings.Contains(err.Error(), "authentication")
		return fmt.Errorf("%w: the proxy %s refuses: %w: %s", settings.ErrInvalid, transport.ProxyAddress(proxy), err, p.wayOut(req, login))
	}
	return err
}

// socksRefusal reports that a SOCKS proxy (RFC 1928, RFC 1929) wants another login,
// or does not let us through. net/http has no types for that.
func socksRefusal(err error) bool {
	said, ok := errors.AsType[*net.OpError](err)
	if !ok || said.Op != "socks connect" {
		return false
	}
	words := said.Err.Error()
	return strings.Contains(words, "authentication") || strings.Contains(words, "not allowed by ruleset")
}

// wayOut says what would help.
func (p proxies) wayOut(req *http.Request, login bool) string {
	host := req.URL.Hostname()
	switch {
	case login && p.byFile:
		return "put the proxy's user and password into proxy-url of the kubeconfig"
	case login:
		return fmt.Sprintf("put the proxy's user and password into %s, or %s into NO_PROXY if it is reached without a proxy", variableFor(req), host)
	case p.byFile:
		return fmt.Sprintf("have the proxy let %s through, or take proxy-url out of the kubeconfig if it is reached without a proxy", host)
	}
	return fmt.Sprintf("put %s into NO_PROXY if it is reached without a proxy, or have the proxy of %s let it through", host, variableFor(req))
}

// variableFor is the one that names the proxy of a request.
func variableFor(req *http.Request) string { return strings.ToUpper(req.URL.Scheme) + "_PROXY" }
