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
	"stocktake/collector/kubeconfig"
	"stocktake/collector/settings"
)

// at is the cluster of a kubeconfig.
func at(file string) kubeconfig.Source {
	return kubeconfig.Source{Options: kubeconfig.Options{Path: file}}
}

func TestOptionsOutOfRangeAreNamed(t *testing.T) {
	t.Parallel()
	for says, set := range map[string]func(*Options){
		"kubernetes.request-batch-size is -1: set it to a number from 1 to 10000, or to 0 for pages that grow": func(o *Options) { o.BatchSize = -1 },
		"kubernetes.request-timeout-seconds is -1":                                                             func(o *Options) { o.TimeoutSeconds = -1 },
		"kubernetes.pages-in-flight is 0":                                                                      func(o *Options) { o.PagesInFlight = 0 },
		"kubernetes.worker-pool-size is 0":                                                                     func(o *Options) { o.Workers = 0 },
	} {
		opts := usual(500)
		set(&opts)
		_, err := Connect(kubeconfig.Source{}, opts)
		require.ErrorIs(t, err, settings.ErrInvalid)
		require.ErrorContains(t, err, says)
	}
}

func TestConnectReachesARealServer(t *testing.T) {
	cluster := shared.Cluster(t)
	file := cluster.Kubeconfig(t)
	c, err := Connect(at(file), usual(500))
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Preflight(t.Context(), Scope{}, podResource()))

	t.Setenv("KUBECONFIG", file)
	c, err = Connect(kubeconfig.Source{}, usual(500))
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Preflight(t.Context(), Scope{}, podResource()))
}

func TestPreflightOfAServerThatIsDownTakesSeconds(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())

	c, err := Connect(at(kubeconfigOf(t, "https://"+address)), usual(500))
	require.NoError(t, err)
	begun := time.Now()
	err = c.Preflight(t.Context(), Scope{}, podResource())
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "gave up after 4 attempts")
	require.ErrorContains(t, err, "connection refused")
	assert.Less(t, time.Since(begun), 30*time.Second, "some 2 s alone; it would take minutes with the patience of a listing")
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
			cluster, err := Connect(at(kubeconfigOf(t, server.URL)), usual(500))
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
	opts.OnEvent = func(e Event) { assert.NotEqual(t, Retry, e.Kind) }
	c, err := Connect(at(kubeconfigOf(t, server.URL)), opts)
	require.NoError(t, err)
	err = c.Preflight(t.Context(), Scope{}, podResource())
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
	err := dial(t, config, usual(500)).Preflight(t.Context(), Scope{}, podResource())
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
	err = dial(t, config, usual(500)).Preflight(t.Context(), Scope{}, podResource())
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
	cluster := many(t, 1000)
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
	path := faultproxy.WriteKubeconfig(t, config)
	raw, err := clientcmd.LoadFromFile(path)
	require.NoError(t, err)
	raw.AuthInfos["user"] = &clientcmdapi.AuthInfo{TokenFile: file}
	raw.Contexts[raw.CurrentContext].AuthInfo = "user"
	require.NoError(t, clientcmd.WriteToFile(*raw, path))
	c, err := Connect(at(path), opts)
	require.NoError(t, err)
	defer c.Close()
	r := newRecorder(t)
	_, err = c.Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireMany(1000)
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
