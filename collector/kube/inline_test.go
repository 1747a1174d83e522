package kube

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/settings"
)

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// inlined are the settings that lead to the same server as the kubeconfig does.
func inlined(t *testing.T, cluster *kubetest.Cluster) (Options, *rest.Config) {
	t.Helper()
	config := cluster.Config()
	opts := usual(500)
	opts.Server = "https://" + strings.TrimPrefix(config.Host, "https://")
	opts.ClusterCert = base64Of(config.CAData)
	opts.ClientCert, opts.PrivateKey = base64Of(config.CertData), base64Of(config.KeyData)
	return opts, config
}

func TestInlineConnectionReachesARealServer(t *testing.T) {
	cluster := shared.Cluster(t)
	t.Setenv("KUBECONFIG", "/nonexistent/config") // what is inline comes before it
	whole, config := inlined(t, cluster)
	for name, set := range map[string]func(*Options){
		"base64":            func(*Options) {},
		"with its type":     func(o *Options) { o.UserType = "private_key" },
		"an unused token":   func(o *Options) { o.UserType, o.Token = "private_key", "unused" },
		"PEM as it is":      func(o *Options) { o.ClusterCert, o.PrivateKey = string(config.CAData), string(config.KeyData) },
		"base64 with lines": func(o *Options) { o.ClusterCert = o.ClusterCert[:76] + "\n" + o.ClusterCert[76:] + "\n" },
	} {
		t.Run(name, func(t *testing.T) {
			opts := whole
			set(&opts)
			c, err := Connect(opts)
			require.NoError(t, err)
			defer c.Close()
			require.NoError(t, c.Preflight(t.Context()))
		})
	}
}

// serviceAccountToken makes a service account of the namespace default, and a
// token of it.
func serviceAccountToken(t *testing.T, cluster *kubetest.Cluster, name string) string {
	t.Helper()
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	accounts := client.CoreV1().ServiceAccounts("default")
	_, err = accounts.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, accounts.Delete(context.WithoutCancel(t.Context()), name, metav1.DeleteOptions{}))
	})
	request, err := accounts.CreateToken(t.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)
	return request.Status.Token
}

func TestInlineTokenIsSent(t *testing.T) {
	cluster := shared.Cluster(t)
	token := serviceAccountToken(t, cluster, "agentless")
	opts, _ := inlined(t, cluster)
	opts.ClientCert, opts.PrivateKey = "", ""
	for name, typ := range map[string]string{"by type": "token", "by what is given": ""} {
		t.Run(name, func(t *testing.T) {
			opts.UserType, opts.Token = typ, token+"\n"
			c, err := Connect(opts)
			require.NoError(t, err)
			defer c.Close()
			err = c.Preflight(t.Context())
			require.ErrorIs(t, err, ErrRefused)
			require.ErrorContains(t, err, `User "system:serviceaccount:default:agentless" cannot list resource "pods"`)
		})
	}
	opts.Token = "of a stranger"
	c, err := Connect(opts)
	require.NoError(t, err)
	defer c.Close()
	err = c.Preflight(t.Context())
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "401 Unauthorized")
	assert.NotContains(t, err.Error(), "of a stranger")
}

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
			opts := usual(500)
			opts.Server, opts.ClusterCert, opts.Token = server.URL, cert, "hunter2"
			c.set(&opts)
			_, err := Connect(opts)
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
	opts := usual(500)
	opts.Path, opts.Server, opts.UserType = kubeconfig(t, "a"), "https://inline.example", "private_key"
	c, err := Connect(opts)
	require.NoError(t, err)
	assert.Equal(t, "https://one.example", c.Host())
}

func TestTypeOfUserAloneDescribesNoConnection(t *testing.T) {
	outside(t)
	t.Setenv("KUBECONFIG", kubeconfig(t, "b"))
	opts := usual(500)
	opts.UserType = "private_key" // as in the sample file of KAI
	c, err := Connect(opts)
	require.NoError(t, err)
	assert.Equal(t, "https://two.example/k8s/clusters/c-1", c.Host())
}

func TestOlderTimeoutWinsWhenPositive(t *testing.T) {
	t.Parallel()
	for legacy, want := range map[int]int{-1: 60, 0: 60, 5: 5} {
		opts := usual(500)
		opts.LegacyTimeoutSeconds = legacy
		require.NoError(t, opts.Check())
		assert.InDelta(t, want, opts.timeout().Seconds(), 0)
	}
	opts := usual(500)
	opts.LegacyTimeoutSeconds = 4000
	require.ErrorContains(t, opts.Check(), "kubernetes-request-timeout-seconds is 4000: set it to a number from 1 to 3600")
}
