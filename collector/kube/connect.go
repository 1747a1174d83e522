package kube

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/transport"
)

// tokenFile is where the kubelet mounts the token of a pod's service account.
const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token" //nolint:gosec // a path, not a secret

// Connect prepares the connection to a cluster and does not use it yet. The
// cluster is, in this order,
//
//   - that of the kubeconfig file in Path;
//   - the one that the settings describe themselves (Server and the rest), when
//     there is no Path;
//   - the one that this pod runs in, when Path is [InCluster], or when there
//     is neither a Path nor a KUBECONFIG and a service account is mounted;
//   - that of the files in KUBECONFIG, merged as kubectl does;
//   - that of ~/.kube/config.
//
// Whatever a kubeconfig may hold works: exec plugins, token files that rotate,
// client certificates, proxies. Settings that lead nowhere are ErrSettings.
func Connect(opts Options) (*Cluster, error) {
	if err := opts.validate(); err != nil {
		return nil, err
	}
	config, err := restConfig(opts)
	if err != nil {
		return nil, err
	}
	return connect(opts, config)
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
	followTokenFile(config)
	config.NextProtos = opts.protocols()
	plugin, err := takePlugin(config, opts.Terminal)
	if err != nil {
		return nil, err
	}
	proxies, err := takeProxies(config)
	if err != nil {
		return nil, err
	}
	client, err := plugin.client(config)
	if err != nil {
		return nil, fmt.Errorf("%w: kubeconfig: %w", ErrSettings, err)
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("%w: kubeconfig: server %q: %w", ErrSettings, config.Host, err)
	}
	client.CheckRedirect = stay
	proxies.listen(client.Transport)
	c := newCluster(opts, client, base)
	c.plugin, c.proxies, c.insecure = plugin, proxies, config.Insecure
	return c, nil
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

// restConfig finds the cluster.
func restConfig(opts Options) (*rest.Config, error) {
	switch {
	case opts.Path == InCluster:
		return inCluster(opts)
	case opts.Path != "":
		return fromFiles(opts, []string{opts.Path})
	case opts.inlined():
		return opts.inline()
	case os.Getenv(clientcmd.RecommendedConfigPathEnvVar) != "":
		return fromFiles(opts, filepath.SplitList(os.Getenv(clientcmd.RecommendedConfigPathEnvVar)))
	case serviceAccountMounted():
		return inCluster(opts)
	}
	return fromFiles(opts, []string{clientcmd.RecommendedHomeFile})
}

func serviceAccountMounted() bool {
	_, err := os.Stat(tokenFile)
	return err == nil && os.Getenv("KUBERNETES_SERVICE_HOST") != "" && os.Getenv("KUBERNETES_SERVICE_PORT") != ""
}

func inCluster(opts Options) (*rest.Config, error) {
	if opts.Context != "" {
		return nil, fmt.Errorf("%w: kubeconfig.context is %q, but a pod's own service account has no contexts: set kubeconfig.path to a file, or leave the context out", ErrSettings, opts.Context)
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, fmt.Errorf("%w: kubeconfig.path is %s, but this is not a pod with a service account: set it to a kubeconfig file, or mount the token (automountServiceAccountToken): %w", ErrSettings, InCluster, err)
	}
	// Within a cluster the network is faster than gzip: above some 30 MB/s
	// compression costs time on both ends (kubernetes#112296).
	config.DisableCompression = true
	return config, nil
}

// fromFiles merges kubeconfig files as kubectl does and takes one context.
func fromFiles(opts Options, files []string) (*rest.Config, error) {
	if err := someExist(files); err != nil {
		return nil, err
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: files, Warner: func(error) {}}
	raw, err := rules.Load()
	if err != nil {
		return nil, fmt.Errorf("%w: kubeconfig: %w", ErrSettings, err)
	}
	name := cmp.Or(opts.Context, raw.CurrentContext)
	if err := checkContext(raw, name, files); err != nil {
		return nil, err
	}
	config, err := clientcmd.NewNonInteractiveClientConfig(*raw, name, &clientcmd.ConfigOverrides{}, rules).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("%w: kubeconfig %s: context %q: %w", ErrSettings, strings.Join(files, ", "), name, err)
	}
	return config, nil
}

// someExist passes when one of the files is there, as for kubectl.
func someExist(files []string) error {
	for _, file := range files {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			return nil // what else may be wrong with it, reading it tells
		}
	}
	return fmt.Errorf("%w: no kubeconfig at %s: set kubeconfig.path (-external PATH) or KUBECONFIG to a file that exists, or run in a pod with a service account", ErrSettings, strings.Join(files, ", "))
}

func checkContext(raw *clientcmdapi.Config, name string, files []string) error {
	if context, ok := raw.Contexts[name]; ok {
		return checkReferences(raw, name, context)
	}
	known := strings.Join(slices.Sorted(maps.Keys(raw.Contexts)), ", ")
	where := strings.Join(files, ", ")
	switch {
	case known == "":
		return fmt.Errorf("%w: kubeconfig %s has no context: set kubeconfig.path (-external PATH) to a file that names a cluster", ErrSettings, where)
	case name == "":
		return fmt.Errorf("%w: kubeconfig %s has no current context: set kubeconfig.context (-context) to one of %s", ErrSettings, where, known)
	}
	return fmt.Errorf("%w: kubeconfig.context is %q, which %s does not have: set it to one of %s", ErrSettings, name, where, known)
}

// checkReferences says what clientcmd does not: which part of a context is missing.
func checkReferences(raw *clientcmdapi.Config, name string, context *clientcmdapi.Context) error {
	if _, ok := raw.Clusters[context.Cluster]; !ok {
		return fmt.Errorf("%w: kubeconfig: context %q names cluster %q, which does not exist: choose another with kubeconfig.context", ErrSettings, name, context.Cluster)
	}
	if _, ok := raw.AuthInfos[context.AuthInfo]; !ok && context.AuthInfo != "" {
		return fmt.Errorf("%w: kubeconfig: context %q names user %q, which does not exist: choose another with kubeconfig.context", ErrSettings, name, context.AuthInfo)
	}
	return nil
}
