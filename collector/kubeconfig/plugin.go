package kubeconfig

import (
	"cmp"
	"context"
	"crypto/tls"
	"net/http"
	"sync/atomic"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	client "k8s.io/client-go/transport"

	"stocktake/collector/transport"
)

// plugin fetches credentials by a program, as the exec section of a kubeconfig
// asks for (kubernetes.io: "client-go credential plugins", KEP-541). client-go
// could do that too, but it waits for the program however long it takes, past
// the deadline of the run and past SIGTERM, and lets it write into the log.
type plugin struct {
	program program
	turn    chan struct{} // holds an element while the program runs: it may ask a person
	held    atomic.Pointer[credentials]
	base    http.RoundTripper
}

// takePlugin takes the exec section out of the configuration. There is none to
// take when the configuration has other credentials, which go first.
func takePlugin(config *rest.Config, around Plugins) (*plugin, error) {
	if config.ExecProvider == nil || cmp.Or(config.BearerToken, config.BearerTokenFile, config.Username, config.CertFile, string(config.CertData)) != "" {
		return nil, nil
	}
	program, err := programOf(config, around)
	if err != nil {
		return nil, err
	}
	p := &plugin{program: program, turn: make(chan struct{}, 1)}
	config.ExecProvider = nil
	config.Wrap(p.wrap)
	return p, nil
}

// client is the HTTP client of a configuration. The plugin is nil where there is none.
func (p *plugin) client(config *rest.Config) (*http.Client, error) {
	if p == nil {
		return rest.HTTPClientFor(config)
	}
	made, err := config.TransportConfig()
	if err != nil {
		return nil, err
	}
	made.TLS.GetCertHolder = &client.GetCertHolder{GetCert: p.certificate}
	tripper, err := client.New(made)
	return &http.Client{Transport: tripper}, err
}

// login fetches credentials unless there are some.
func (p *plugin) login(ctx context.Context) error {
	if p == nil {
		return nil
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return transport.Ended(ctx)
	}
	if p.held.Load().usable() {
		return nil
	}
	fresh, err := p.program.run(ctx)
	if err != nil {
		return err
	}
	utilnet.CloseIdleConnectionsFor(p.base) // they know an older certificate
	p.held.Store(fresh)
	return nil
}

func (p *plugin) certificate() (*tls.Certificate, error) { return p.held.Load().certificate, nil }

func (p *plugin) wrap(base http.RoundTripper) http.RoundTripper {
	p.base = base
	return p
}

// WrappedRoundTripper lets idle connections be closed through the plugin.
func (p *plugin) WrappedRoundTripper() http.RoundTripper { return p.base }

// RoundTrip adds the token. After a 401 the next login runs the program again.
func (p *plugin) RoundTrip(r *http.Request) (*http.Response, error) {
	held := p.held.Load()
	if held.token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+held.token)
	}
	resp, err := p.base.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		p.held.CompareAndSwap(held, &credentials{expires: time.Unix(1, 0)})
	}
	return resp, err
}
