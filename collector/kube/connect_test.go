package kube

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/settings"
)

// kubeconfig writes a file with two contexts, a and b.
func kubeconfig(t *testing.T, current string) string {
	t.Helper()
	const text = `apiVersion: v1
kind: Config
current-context: %q
clusters:
- {name: one, cluster: {server: "https://one.example"}}
- {name: two, cluster: {server: "https://two.example/k8s/clusters/c-1"}}
contexts:
- {name: a, context: {cluster: one, user: u}}
- {name: b, context: {cluster: two, user: u}}
- {name: nobody, context: {cluster: one, user: v}}
- {name: nowhere, context: {cluster: three, user: u}}
users:
- {name: u, user: {token: t}}
`
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, text, current), 0o600))
	return path
}

// outside makes the environment that of a laptop without any kubeconfig.
func outside(t *testing.T) {
	t.Helper()
	for _, name := range []string{"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBERNETES_MASTER"} {
		t.Setenv(name, "")
	}
}

func TestConnectFindsTheCluster(t *testing.T) {
	outside(t)
	file := kubeconfig(t, "a")
	connected := func(path, context string) string {
		opts := usual(500)
		opts.Path, opts.Context = path, context
		c, err := Connect(opts)
		require.NoError(t, err)
		return c.Host()
	}
	assert.Equal(t, "https://one.example", connected(file, ""))
	assert.Equal(t, "https://two.example/k8s/clusters/c-1", connected(file, "b"))

	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "missing")+string(filepath.ListSeparator)+file)
	assert.Equal(t, "https://one.example", connected("", ""), "of several files, those that exist")
	assert.Equal(t, "https://two.example/k8s/clusters/c-1", connected(kubeconfig(t, "b"), ""), "a path wins over KUBECONFIG")
}

func TestConnectSaysWhatToSet(t *testing.T) {
	outside(t)
	file, none := kubeconfig(t, "a"), kubeconfig(t, "")
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	broken := filepath.Join(t.TempDir(), "broken")
	require.NoError(t, os.WriteFile(broken, []byte("{"), 0o600))
	for name, c := range map[string]struct {
		set   func(*Options)
		words []string
	}{
		"a missing file":    {func(o *Options) { o.Path = "/nonexistent/config" }, []string{"no kubeconfig at /nonexistent/config", "kubeconfig.path", "KUBECONFIG"}},
		"an unknown one":    {func(o *Options) { o.Path, o.Context = file, "c" }, []string{`kubeconfig.context is "c"`, "one of a, b, nobody, nowhere"}},
		"no current one":    {func(o *Options) { o.Path = none }, []string{"no current context", "kubeconfig.context", "a, b, nobody, nowhere"}},
		"an empty file":     {func(o *Options) { o.Path = empty }, []string{"has no context", "kubeconfig.path"}},
		"a broken file":     {func(o *Options) { o.Path = broken }, []string{"kubeconfig", broken}},
		"a missing cluster": {func(o *Options) { o.Path, o.Context = file, "nowhere" }, []string{`context "nowhere"`, `cluster "three", which does not exist`}},
		"a missing user":    {func(o *Options) { o.Path, o.Context = file, "nobody" }, []string{`context "nobody"`, `user "v", which does not exist`}},
		"not a pod":         {func(o *Options) { o.Path = InCluster }, []string{"use-in-cluster", "not a pod"}},
		"a pod's context":   {func(o *Options) { o.Path, o.Context = InCluster, "a" }, []string{"kubeconfig.context", "no contexts"}},
		"no page":           {func(o *Options) { o.BatchSize = 0 }, []string{"kubernetes.request-batch-size is 0", "from 1 to 10000"}},
		"no time":           {func(o *Options) { o.TimeoutSeconds = -1 }, []string{"kubernetes.request-timeout-seconds is -1"}},
		"no page under way": {func(o *Options) { o.PagesInFlight = 0 }, []string{"kubernetes.pages-in-flight is 0"}},
		"no worker":         {func(o *Options) { o.Workers = 0 }, []string{"kubernetes.worker-pool-size is 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			opts := usual(500)
			opts.Path = file
			c.set(&opts)
			_, err := Connect(opts)
			require.ErrorIs(t, err, settings.ErrInvalid)
			for _, words := range c.words {
				assert.ErrorContains(t, err, words)
			}
		})
	}
}

func TestConnectReachesARealServer(t *testing.T) {
	cluster := shared.Cluster(t)
	opts := usual(500)
	opts.Path = cluster.Kubeconfig(t)
	c, err := Connect(opts)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Preflight(t.Context()))

	t.Setenv("KUBECONFIG", opts.Path)
	opts.Path = ""
	c, err = Connect(opts)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Preflight(t.Context()))
}

func TestPreflightOfAServerThatIsDownTakesSeconds(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())

	opts := usual(500)
	opts.Path = kubeconfigOf(t, "https://"+address)
	c, err := Connect(opts)
	require.NoError(t, err)
	begun := time.Now()
	err = c.Preflight(t.Context())
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "gave up after 4 attempts")
	require.ErrorContains(t, err, "connection refused")
	assert.Less(t, time.Since(begun), 6*time.Second)
}

func TestServerOfAnotherKindIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		words   string
	}{
		"a web site": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, "not the answer of a Kubernetes API"},
		"a redirect to a login": {
			func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, "404 Not Found",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.handler)
			defer server.Close()
			opts := usual(500)
			opts.Path = kubeconfigOf(t, server.URL)
			cluster, err := Connect(opts)
			require.NoError(t, err)
			_, err = cluster.Version(t.Context())
			require.ErrorIs(t, err, ErrUnavailable)
			require.ErrorContains(t, err, c.words)
		})
	}
}

func TestCertificateOfAStrangerIsNotRetried(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	server.Config.ErrorLog = nil
	opts := usual(500)
	opts.Path = kubeconfigOf(t, server.URL)
	opts.OnEvent = func(e Event) { assert.NotEqual(t, Retry, e.Kind) }
	c, err := Connect(opts)
	require.NoError(t, err)
	err = c.Preflight(t.Context())
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "certificate")
	require.NotContains(t, err.Error(), "attempts")
}

func TestCertificateThatExpiredIsNotRetried(t *testing.T) {
	t.Parallel()
	cert, text := expiredCertificate(t)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	defer server.Close()
	config := &rest.Config{Host: server.URL, TLSClientConfig: rest.TLSClientConfig{CAData: text}}
	err := dial(t, config, usual(500)).Preflight(t.Context())
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "certificate has expired")
	require.NotContains(t, err.Error(), "attempts")
}

// TestCertificateOfTheUserThatTheServerTakesForExpired: Connect finds it by the clock of
// this machine, and here only that of the server is right.
func TestCertificateOfTheUserThatTheServerTakesForExpired(t *testing.T) {
	cluster := shared.Cluster(t)
	cert, text := expiredCertificate(t)
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	require.NoError(t, err)
	config := cluster.Config()
	config.CertData, config.KeyData = text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	err = dial(t, config, usual(500)).Preflight(t.Context())
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "401 Unauthorized")
}

// expiredCertificate is one that signed itself for an hour of the day before,
// and its PEM.
func expiredCertificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "expired"},
		NotBefore:    time.Now().Add(-25 * time.Hour),
		NotAfter:     time.Now().Add(-24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, text
}

func TestTokenFileIsReadAnewWhenItsTokenIsRefused(t *testing.T) {
	outside(t)
	cluster := many(t, 2000)
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) { assert.NoError(t, os.WriteFile(file, []byte(token+"\n"), 0o600)) }
	write("first")
	rotated := faultproxy.Do(func() { write("second") })
	refused := faultproxy.Answer(http.StatusUnauthorized, "text/plain", "expired")
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(faultproxy.Pass, faultproxy.Pass, func(next http.Handler) http.Handler { return rotated(refused(next)) })
	config := proxy.Serve(t)

	opts := usual(200)
	opts.PagesInFlight = 1
	opts.Path = faultproxy.WriteKubeconfig(t, config)
	text, err := os.ReadFile(opts.Path)
	require.NoError(t, err)
	kubeconfig, err := clientcmd.Load(text)
	require.NoError(t, err)
	kubeconfig.AuthInfos["user"] = &clientcmdapi.AuthInfo{TokenFile: file}
	kubeconfig.Contexts[kubeconfig.CurrentContext].AuthInfo = "user"
	require.NoError(t, clientcmd.WriteToFile(*kubeconfig, opts.Path))
	c, err := Connect(opts)
	require.NoError(t, err)
	defer c.Close()
	r := newRecorder(t)
	_, err = c.Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireMany(2000)
	for i, request := range proxy.Lists() {
		want := "Bearer first"
		if i > 2 {
			want = "Bearer second"
		}
		assert.Equal(t, want, request.Header.Get("Authorization"), "request %d", i)
	}
}

// kubeconfigOf writes a file for a server without credentials.
func kubeconfigOf(t *testing.T, server string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `{"kind":"Config","apiVersion":"v1","current-context":"c",
		"clusters":[{"name":"c","cluster":{"server":%q}}],"contexts":[{"name":"c","context":{"cluster":"c","user":""}}]}`, server), 0o600))
	return path
}
