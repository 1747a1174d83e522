package kube

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"

	"stocktake/collector/settings"
)

// Connect prepares the connection to a cluster and does not use it yet. The
// cluster is the one that kubectl would take. In this order, it is
//
//   - the one that this pod runs in, when Path is [InCluster];
//   - that of the kubeconfig file in Path;
//   - the one that the settings describe themselves (Server and the rest);
//   - that of the files in KUBECONFIG, merged as kubectl does;
//   - that of ~/.kube/config;
//   - the one that this pod runs in, when a service account is mounted.
//
// Whatever a kubeconfig may hold works: exec plugins, token files that rotate,
// client certificates, proxies, ID tokens of the auth provider oidc. Settings that
// lead nowhere, and credentials that cannot work, are settings.ErrInvalid.
func Connect(opts Options) (*Cluster, error) {
	if err := opts.Check(); err != nil {
		return nil, err
	}
	config, origin, err := restConfig(opts)
	if err != nil {
		return nil, err
	}
	c, err := connect(opts, config)
	if err != nil {
		return nil, err
	}
	c.origin = origin
	return c, nil
}

// protocols are those to choose from when a connection is made: HTTP/1.1 alone,
// which every API server speaks, and not HTTP/2, which all prefer. Asked for 2,
// the server chooses, because some front ends have only one of them.
// A listing is a few large answers, and HTTP/2 is made for many small ones. The
// API server sends each object as a frame of its own, through the one goroutine
// that all streams share; this side hands it on through another, and sends back
// updates of the flow-control window. Over HTTP/1.1 two pages under way are two
// connections, and what was not read yet waits in the kernel. Whole runs over
// 50,000 pods of 4.5 KB, medians of one race on two cores (make bench):
//
//	                 HTTP/2   HTTP/1.1
//	wall               2.25       1.76 s
//	CPU, this side     1.22       0.89 s
//	CPU, API server    2.06       1.69 s
//	peak memory        39.5       33.6 MB
func (o Options) protocols() []string {
	if o.HTTPVersion == http2 {
		return []string{"h2", "http/1.1"}
	}
	return []string{"http/1.1"}
}

// connect builds the HTTP client of a configuration. There is no rate limit on
// this side: priority and fairness, and Retry-After, are the server's to rule
// with, and a limiter of our own only lets continue tokens expire.
func connect(opts Options, config *rest.Config) (*Cluster, error) {
	config.UserAgent = cmp.Or(opts.UserAgent, "stocktake")
	config.Timeout = 0 // every request has its own, see request.timeout
	insecure := insecurity(config)
	if err := opts.Identity.impersonate(config); err != nil {
		return nil, err
	}
	followTokenFile(config)
	config.NextProtos = opts.protocols()
	plugin, err := takePlugin(config, opts)
	if err != nil {
		return nil, err
	}
	proxies, err := takeProxies(config)
	if err != nil {
		return nil, err
	}
	client, err := plugin.client(config)
	if err != nil {
		return nil, fmt.Errorf("%w: kubeconfig: its certificates cannot be used together: see certificate-authority, insecure-skip-tls-verify, client-certificate and client-key", settings.ErrInvalid)
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("%w: kubeconfig: server is not an address: write it as https://HOST:PORT", settings.ErrInvalid)
	}
	base.RawQuery, base.Fragment = "", "" // as for kubectl
	client.CheckRedirect = stay
	proxies.listen(client.Transport)
	c := newCluster(opts, client, base)
	c.plugin, c.proxies, c.insecure = plugin, proxies, insecure
	return c, nil
}

// insecurity says why anyone in between can read the credentials of a connection.
func insecurity(config *rest.Config) string {
	login := config.BearerToken+config.BearerTokenFile+config.Username != "" || config.ExecProvider != nil
	switch {
	case config.Insecure:
		return "insecure-skip-tls-verify: the certificate of the API server is not verified, anyone in between can read the token: give the kubeconfig its certificate-authority"
	case login && strings.HasPrefix(strings.ToLower(config.Host), "http://"):
		return "http://: the API server is asked without TLS, anyone in between can read the token or password: write the server of the kubeconfig as https://HOST:PORT"
	}
	return ""
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

// restConfig finds the cluster, and says in words which it is and why.
func restConfig(opts Options) (config *rest.Config, words string, err error) {
	from := opts.origin()
	switch {
	case from.inCluster:
		config, err = inCluster(opts)
	case from.inline:
		config, err = opts.inline()
	default:
		return fromFiles(opts, from)
	}
	return config, from.words("", nil), err
}

func inCluster(opts Options) (*rest.Config, error) {
	if err := opts.Identity.needsKubeconfig(); err != nil {
		return nil, err
	}
	if opts.Context != "" {
		return nil, settings.About("kubeconfig.context", "kubeconfig.context is %q, but a pod's own service account has no contexts: set kubeconfig.path to a file, or leave the context out", opts.Context)
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, settings.About("kubeconfig.path", "kubeconfig.path is %s, but this is not a pod with a service account: set it to a kubeconfig file, or mount the token (automountServiceAccountToken): %w", InCluster, err)
	}
	if _, err := tokenIn(tokenFile, config.BearerToken); err != nil {
		return nil, fmt.Errorf("%w: %w", settings.ErrInvalid, err)
	}
	if err := checkAccountAuthority(authorityFile); err != nil {
		return nil, fmt.Errorf("%w: %w", settings.ErrInvalid, err)
	}
	// Within a cluster the network is faster than gzip: above some 30 MB/s
	// compression costs time on both ends (kubernetes#112296).
	config.DisableCompression = true
	return config, nil
}
