package kubeconfig

import (
	"encoding/base64"
	"encoding/pem"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func TestInlineConnectionSaysWhatIsMissing(t *testing.T) {
	outside(t)
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	cert := base64Of(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	secret := base64Of([]byte("-----BEGIN SECRET-----"))
	for name, c := range map[string]struct {
		set   func(*Options)
		words []string
	}{
		"only a server":       {func(o *Options) { *o = onlyServer(*o) }, []string{"set kubeconfig.cluster-cert, kubeconfig.user.client-cert, kubeconfig.user.private-key (kubeconfig.user.type is private_key)"}},
		"no server":           {func(o *Options) { o.Server = "" }, []string{"set kubeconfig.server ("}},
		"no authority":        {func(o *Options) { o.ClusterCert = " \n" }, []string{"set kubeconfig.cluster-cert ("}},
		"no key":              {func(o *Options) { o.Token, o.ClientCert = "", cert }, []string{"set kubeconfig.user.private-key ("}},
		"no token":            {func(o *Options) { o.Token, o.UserType = "", "token" }, []string{"set kubeconfig.user.token (kubeconfig.user.type is token)"}},
		"another type":        {func(o *Options) { o.UserType = "password" }, []string{`kubeconfig.user.type is "password"`, "private_key or token"}},
		"a token and a type":  {func(o *Options) { o.UserType = "private_key" }, []string{"kubeconfig.user.client-cert, kubeconfig.user.private-key"}},
		"a context":           {func(o *Options) { o.Context = "a" }, []string{`kubeconfig.context is "a"`, "kubeconfig.server"}},
		"a server in clear":   {func(o *Options) { o.Server = "http://10.0.0.1:8080" }, []string{"kubeconfig.server", "https://HOST:PORT"}},
		"a server of no kind": {func(o *Options) { o.Server = "10.0.0.1:6443" }, []string{"kubeconfig.server", "https://HOST:PORT"}},
		"a password in it":    {func(o *Options) { o.Server = "https://me:hunter2@10.0.0.1" }, []string{"kubeconfig.server"}},
		"no base64":           {func(o *Options) { o.ClusterCert = "/etc/ca.crt!" }, []string{"kubeconfig.cluster-cert is not base64"}},
		"no certificate":      {func(o *Options) { o.ClusterCert = secret }, []string{"kubeconfig.cluster-cert holds no certificate"}},
		"no pair":             {func(o *Options) { o.Token, o.ClientCert, o.PrivateKey = "", cert, secret }, []string{"kubeconfig.user.client-cert and kubeconfig.user.private-key are no pair"}},
	} {
		t.Run(name, func(t *testing.T) {
			source := Source{Options: Options{Server: server.URL, ClusterCert: cert, Token: "hunter2"}}
			c.set(&source.Options)
			_, err := source.Find()
			require.ErrorIs(t, err, settings.ErrInvalid)
			for _, words := range c.words {
				require.ErrorContains(t, err, words)
			}
			assert.NotContains(t, err.Error(), "hunter2")
			assert.NotContains(t, err.Error(), secret)
		})
	}
}

func onlyServer(o Options) Options {
	o.ClusterCert, o.Token = "", ""
	return o
}

func TestPathComesBeforeWhatIsInline(t *testing.T) {
	outside(t)
	assert.Equal(t, "https://one.example", found(t, Options{Path: twoContexts(t, "a"), Server: "https://inline.example", UserType: "private_key"}))
}

func TestTypeOfUserAloneDescribesNoConnection(t *testing.T) {
	outside(t)
	t.Setenv("KUBECONFIG", twoContexts(t, "b"))
	asInKAI := Options{UserType: "private_key"} // of its sample file
	assert.Equal(t, "https://two.example/k8s/clusters/c-1", found(t, asInKAI))
}
