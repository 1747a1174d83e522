package kube

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/transport"

	"stocktake/collector/settings"
)

// plugin fetches credentials by a program, as the exec section of a kubeconfig
// asks for (kubernetes.io: "client-go credential plugins", KEP-541). client-go
// could do that too, but it waits for the program however long it takes, past
// the deadline of the run and past SIGTERM, and lets it write into the log.
type plugin struct {
	exec     *clientcmdapi.ExecConfig
	info     string // what the program is told, in KUBERNETES_EXEC_INFO
	environ  []string
	terminal Terminal
	turn     chan struct{} // holds an element while the program runs: it may ask a person
	held     atomic.Pointer[credentials]
	base     http.RoundTripper
}

// credentials are what the program printed.
type credentials struct {
	token       string
	certificate *tls.Certificate
	expires     time.Time // zero: never
}

func (c *credentials) usable() bool {
	return c != nil && (c.expires.IsZero() || time.Now().Before(c.expires))
}

// pluginError is a program that gave no credentials. To ask it again would not
// help: it has its own ways to try again. The mark says what would, and is not
// among the words: Kubernetes was not asked.
type pluginError struct {
	command string
	cause   error
	mark    error // settings.ErrInvalid or ErrRefused; nil: the run ended
}

func (e *pluginError) Error() string   { return "exec plugin " + e.command + ": " + e.cause.Error() }
func (e *pluginError) Unwrap() []error { return []error{e.cause, e.mark} }

// takePlugin takes the exec section out of the configuration. There is none to
// take when the configuration has other credentials, which go first.
func takePlugin(config *rest.Config, opts Options) (*plugin, error) {
	if config.ExecProvider == nil || cmp.Or(config.BearerToken, config.BearerTokenFile, config.Username, config.CertFile, string(config.CertData)) != "" {
		return nil, nil
	}
	p := &plugin{exec: config.ExecProvider, environ: opts.PluginEnviron, terminal: opts.Terminal, turn: make(chan struct{}, 1)}
	if p.environ == nil {
		p.environ = os.Environ()
	}
	if p.exec.InteractiveMode == clientcmdapi.NeverExecInteractiveMode {
		p.terminal.In = nil
	}
	if p.exec.InteractiveMode == clientcmdapi.AlwaysExecInteractiveMode && p.terminal.In == nil {
		return nil, fmt.Errorf("%w: kubeconfig: exec plugin %s wants to ask a person, and standard input is no terminal: give the kubeconfig a user that does without", settings.ErrInvalid, p.name())
	}
	var err error
	if p.info, err = p.execInfo(config); err != nil {
		return nil, fmt.Errorf("%w: kubeconfig: exec plugin %s: it cannot be told of the cluster (provideClusterInfo): see certificate-authority and proxy-url", settings.ErrInvalid, p.name())
	}
	config.ExecProvider = nil
	config.Wrap(p.wrap)
	return p, nil
}

// client is the HTTP client of a configuration. The plugin is nil where there is none.
func (p *plugin) client(config *rest.Config) (*http.Client, error) {
	if p == nil {
		return rest.HTTPClientFor(config)
	}
	settings, err := config.TransportConfig()
	if err != nil {
		return nil, err
	}
	settings.TLS.GetCertHolder = &transport.GetCertHolder{GetCert: p.certificate}
	tripper, err := transport.New(settings)
	return &http.Client{Transport: tripper}, err
}

// login fetches credentials unless there are some. It is called before each
// request, outside of its timeout: a person may have to answer.
func (p *plugin) login(ctx context.Context) error {
	if p == nil {
		return nil
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return stopped(ctx)
	}
	if p.held.Load().usable() {
		return nil
	}
	fresh, err := p.run(ctx)
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
