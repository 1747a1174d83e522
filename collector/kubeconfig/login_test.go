package kubeconfig

import (
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
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
			got := exposure(&configs[i]).Why
			assert.True(t, strings.HasPrefix(got, words) && (words != "") == (got != ""), "%s: %q", configs[i].Host, got)
		}
	}
	c, err := Target{Config: &rest.Config{Host: "http://127.0.0.1:9", Username: "u", Password: "p"}}.Open("stocktake")
	require.NoError(t, err)
	assert.Contains(t, c.Exposed.Why, "without TLS")
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
