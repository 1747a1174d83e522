package kubeconfig

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
	"k8s.io/klog/v2"

	"stocktake/collector/settings"
)

// Connection is the way to an API server. It is safe for concurrent use.
type Connection struct {
	Base    *url.URL // of the API server
	Origin  string   // in words: what led to it, and why
	Exposed Exposure

	client  *http.Client
	plugin  *plugin // nil unless the kubeconfig has one
	proxies proxies
}

// Exposure says why anyone in between can read the credentials: the kubeconfig asks not
// to verify the certificate of the API server, or to go without TLS. It is the zero value
// where nobody can.
type Exposure struct {
	Why    string
	WayOut string
}

// Open makes the connection to a target, and does not use it yet. The API server knows
// the caller by the user agent; the protocols are those of TLS (ALPN), the best first.
//
// There is no rate limit on this side: priority and fairness, and Retry-After, are the
// server's to rule with, and a limiter of our own only lets continue tokens expire.
func (t Target) Open(userAgent string, protocols ...string) (*Connection, error) {
	config := rest.CopyConfig(t.Config)
	config.UserAgent, config.NextProtos = userAgent, protocols
	config.Timeout = 0 // whoever sends a request limits it
	c := &Connection{Origin: t.Origin, Exposed: exposure(config)}
	followTokenFile(config)
	var err error
	if c.plugin, err = takePlugin(config, t.Plugins); err != nil {
		return nil, err
	}
	if c.proxies, err = takeProxies(config); err != nil {
		return nil, err
	}
	if c.client, err = c.plugin.client(config); err != nil {
		return nil, fmt.Errorf("%w: kubeconfig: its certificates cannot be used together: see certificate-authority, insecure-skip-tls-verify, client-certificate and client-key", settings.ErrInvalid)
	}
	if c.Base, _, err = rest.DefaultServerUrlFor(config); err != nil {
		return nil, fmt.Errorf("%w: kubeconfig: server is not an address: write it as https://HOST:PORT", settings.ErrInvalid)
	}
	c.Base.RawQuery, c.Base.Fragment = "", "" // as for kubectl
	c.client.CheckRedirect = stay
	c.proxies.listen(c.client.Transport)
	return c, nil
}

// exposure looks whether anyone in between can read the credentials of a configuration.
func exposure(config *rest.Config) Exposure {
	login := config.BearerToken+config.BearerTokenFile+config.Username != "" || config.ExecProvider != nil
	switch {
	case config.Insecure:
		return Exposure{"insecure-skip-tls-verify: the certificate of the API server is not verified, anyone in between can read the token", "give the kubeconfig its certificate-authority"}
	case login && strings.HasPrefix(strings.ToLower(config.Host), "http://"):
		return Exposure{"http://: the API server is asked without TLS, anyone in between can read the token or password", "write the server of the kubeconfig as https://HOST:PORT"}
	}
	return Exposure{}
}

// followTokenFile makes a 401 read the token file anew. By itself client-go looks
// at the file once a minute, and sends a token that was revoked until then.
func followTokenFile(config *rest.Config) {
	if config.BearerTokenFile == "" {
		return
	}
	source := transport.NewCachedFileTokenSource(config.BearerTokenFile)
	config.Wrap(transport.ResettableTokenSourceWrapTransport(source))
	config.BearerToken, config.BearerTokenFile = "", ""
}

// stay follows redirects on the same host alone, and a few of them: the token
// is added to every request, wherever it goes.
func stay(next *http.Request, sent []*http.Request) error {
	from := sent[0].URL
	if next.URL.Scheme != from.Scheme || next.URL.Host != from.Host || len(sent) > 3 {
		return http.ErrUseLastResponse
	}
	return nil
}

// Login fetches credentials where a program does that and none are left. It is to be
// called before each request, outside of its timeout: a person may have to answer. A
// program that gives none is a [PluginError].
func (c *Connection) Login(ctx context.Context) error { return c.plugin.login(ctx) }

// Do sends a request. A proxy that refuses it is an error, and settings.ErrInvalid unless
// that passes. Where both can have answered, ofServer tells by the body whether it was the
// API server.
func (c *Connection) Do(req *http.Request, ofServer func(body []byte) bool) (*http.Response, error) {
	resp, err := c.client.Do(req)
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without the address, which holds the token of the page
	}
	if err == nil {
		err = c.proxies.refusal(resp, ofServer)
	}
	if err != nil {
		return nil, c.proxies.explain(req, err)
	}
	return resp, nil
}

// Close drops idle connections. Nothing else outlives a request.
func (c *Connection) Close() { utilnet.CloseIdleConnectionsFor(c.client.Transport) }

// RedirectLog sends to a handler what client-go would write to standard error by
// itself, in a format of its own: that a token file or a client certificate could
// not be read again, or that a pod has no certificates of its API server. It is
// for the start of a program, before anything else may log.
func RedirectLog(to slog.Handler) { klog.SetSlogLogger(slog.New(to)) }
