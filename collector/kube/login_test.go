package kube

import (
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/settings"
)

func TestLoginThatAnyoneCanReadIsWarnedOf(t *testing.T) {
	t.Parallel()
	for words, configs := range map[string][]rest.Config{
		"http://: the API server is asked without TLS": {
			{Host: "http://api.example", BearerToken: "t"}, {Host: "HTTP://127.0.0.1:8001", BearerToken: "t"},
			{Host: "http://api.example", BearerTokenFile: "/token"}, {Host: "http://api.example", Username: "u", Password: "p"},
			{Host: "http://api.example", ExecProvider: &clientcmdapi.ExecConfig{Command: "x"}},
		},
		"insecure-skip-tls-verify": {{Host: "https://api.example", TLSClientConfig: rest.TLSClientConfig{Insecure: true}}},
		"":                         {{Host: "http://127.0.0.1:8001"}, {Host: "https://api.example", BearerToken: "t"}, {Host: "api.example", BearerToken: "t"}},
	} {
		for i := range configs {
			got := insecurity(&configs[i])
			assert.True(t, strings.HasPrefix(got, words) && (words != "") == (got != ""), "%s: %q", configs[i].Host, got)
		}
	}
	c := dial(t, &rest.Config{Host: "http://127.0.0.1:9", Username: "u", Password: "p"}, usual(100))
	assert.Contains(t, c.Insecure(), "without TLS")
}

func TestClientCertificateThatEndedIsFoundBeforeTheServerIsAsked(t *testing.T) {
	t.Parallel()
	user := func(end time.Time) string {
		certificate, key := faultproxy.PEM(t, faultproxy.Certificate(t, "client", end))
		return `"client-certificate-data":"` + base64.StdEncoding.EncodeToString(certificate) + `","client-key-data":"` + base64.StdEncoding.EncodeToString(key) + `"`
	}
	_, err := connectAs(t, "", user(time.Now().Add(-time.Hour)), Identity{})
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, `user "u": client-certificate ended at 2`)
	_, err = connectAs(t, "", user(time.Now().Add(time.Hour)), Identity{})
	require.NoError(t, err)

	certificate, key := faultproxy.PEM(t, faultproxy.Certificate(t, "client", time.Now().Add(-time.Hour)))
	_, _, err = Options{ClientCert: string(certificate), PrivateKey: string(key)}.keyPair()
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, "kubeconfig.user.client-certificate ended at")
}

func TestServiceAccountWithoutAnAuthorityIsFoundBeforeTheServerIsAsked(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	right := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, checkAccountAuthority(written(t, string(right))))
	require.ErrorContains(t, checkAccountAuthority(filepath.Join(t.TempDir(), "ca.crt")), "cannot be read: no such file or directory: mount it")
	for _, text := range []string{"", "no certificate", string(right[:len(right)/2])} {
		require.ErrorContains(t, checkAccountAuthority(written(t, text)), "holds no certificate")
	}
}

// TestProxyForHTTPThatRefusesIsNamed: it is asked without CONNECT, and its answer comes in
// the place of the server's.
func TestProxyForHTTPThatRefusesIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code int
		body string
		want error
		says string
	}{
		"a page":            {http.StatusForbidden, "<html><title>Access denied</title></html>", settings.ErrInvalid, "take proxy-url out of the kubeconfig"},
		"nothing":           {http.StatusForbidden, "", settings.ErrInvalid, "the proxy"},
		"a login":           {http.StatusProxyAuthRequired, "", settings.ErrInvalid, "user and password"},
		"the server itself": {http.StatusForbidden, `{"kind":"Status","message":"pods is forbidden","code":403}`, ErrRefused, "403 Forbidden: pods is forbidden"},
		"another page":      {http.StatusNotFound, "<html><title>Not here</title></html>", ErrUnavailable, "Not here"},
	} {
		asked := 0
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.WriteHeader(c.code)
			_, _ = w.Write([]byte(c.body))
		}))
		at, err := url.Parse(proxy.URL)
		require.NoError(t, err)
		config := &rest.Config{Host: "http://kubernetes.example", Proxy: http.ProxyURL(at)}
		err = dial(t, config, usual(100)).Preflight(t.Context())
		require.ErrorIs(t, err, c.want, name)
		require.ErrorContains(t, err, c.says, name)
		assert.Equal(t, 1, asked, "%s: to ask again does not help", name)
		proxy.Close()
	}
}
