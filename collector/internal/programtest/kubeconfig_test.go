package programtest_test

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

// guarded is an API server that lets one token in, and counts whoever asks.
type guarded struct {
	config *rest.Config
	asked  *atomic.Int32
}

func guard(t *testing.T, cluster *kubetest.Cluster, token string) guarded {
	t.Helper()
	asked := new(atomic.Int32)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Admit = func(r *http.Request) bool {
		asked.Add(1)
		return r.Header.Get("Authorization") == "Bearer "+token
	}
	return guarded{proxy.Serve(t), asked}
}

// kubeconfig leads to the server, as a user.
func (g guarded) kubeconfig(t *testing.T, user *clientcmdapi.AuthInfo) string {
	t.Helper()
	file := clientcmdapi.NewConfig()
	file.Clusters["c"] = &clientcmdapi.Cluster{Server: g.config.Host, CertificateAuthorityData: g.config.CAData}
	file.AuthInfos["someone@example.com"] = user
	file.Contexts["x"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "someone@example.com"}
	file.CurrentContext = "x"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*file, path))
	return path
}

// refuses demands that commands end with 2 and these words, before anybody is asked.
func (g guarded) refuses(t *testing.T, kubeconfig string, words ...string) {
	t.Helper()
	for _, args := range [][]string{{"images", "--kubeconfig", kubeconfig}, {"-external", kubeconfig, "-dry-run", "prod"}} {
		begin := time.Now()
		got := inside(t, call{args: args})
		assert.Equal(t, 2, got.code, "%s: %s", args, got.stderr)
		assert.Less(t, time.Since(begin), soon, "%s", args)
		assert.Empty(t, got.stdout, "%s", args)
		for _, w := range append(words, kubeconfig, "someone@example.com") {
			assert.Contains(t, got.stderr, w, "%s", args)
		}
		assert.NotContains(t, got.stderr, "s3cret", "%s", args)
	}
	got := inside(t, call{args: []string{"doctor", "--kubeconfig", kubeconfig}})
	assert.Equal(t, 2, got.code, got.stdout)
	assert.Contains(t, got.stdout, words[0], "doctor says it too")
	assert.Zero(t, g.asked.Load(), "requests to the server")
}

// idToken is one of OpenID Connect that ends then. Nobody verifies it here.
func idToken(end time.Time) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + part(fmt.Appendf(nil, `{"iss":"https://issuer.example.com/","exp":%d}`, end.Unix())) + "." + part([]byte("signature"))
}

func authProvider(name string, config map[string]string) *clientcmdapi.AuthInfo {
	return &clientcmdapi.AuthInfo{AuthProvider: &clientcmdapi.AuthProviderConfig{Name: name, Config: config}}
}

// oidc is what Dex, Keycloak and Gangway write.
func oidc(idToken string) *clientcmdapi.AuthInfo {
	return authProvider("oidc", map[string]string{
		"client-id": "kubernetes", "client-secret": "s3cret-client", "id-token": idToken,
		"refresh-token": "s3cret-refresh", "idp-issuer-url": "https://issuer.example.com/",
	})
}

func TestIDTokenOfAnAuthProviderIsUsedWhileItLasts(t *testing.T) {
	t.Parallel()
	valid := idToken(time.Now().Add(time.Hour))
	server := guard(t, smallCluster(t), valid)
	path := server.kubeconfig(t, oidc(valid))
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	got := run(t, call{args: []string{"images", "--kubeconfig", path}})
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Contains(t, got.stdout, "nginx")
	assert.NotContains(t, got.stdout+got.stderr, valid)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after), "the kubeconfig is only read")
}

func TestAuthProviderThatGivesNoTokenNamesWhatToUseInstead(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	ended := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		user *clientcmdapi.AuthInfo
		says []string
	}{
		"an ended ID token":     {oidc(idToken(ended)), []string{"the id-token of auth-provider oidc ended at " + ended.UTC().Format(time.RFC3339), "kubelogin (kubectl oidc-login)"}},
		"no ID token":           {oidc(""), []string{"auth-provider oidc has no id-token", "kubelogin (kubectl oidc-login)"}},
		"an ID token of others": {oidc("s3cret-opaque"), []string{"is no JWT", "kubelogin (kubectl oidc-login)"}},
		"gcp":                   {authProvider("gcp", map[string]string{"access-token": "s3cret-gcp"}), []string{"auth-provider gcp is not supported any more", "gke-gcloud-auth-plugin"}},
		"azure":                 {authProvider("azure", map[string]string{"access-token": "s3cret-azure"}), []string{"auth-provider azure is not supported any more", "kubelogin convert-kubeconfig"}},
		"openstack":             {authProvider("openstack", nil), []string{"auth-provider openstack is not supported any more", "client-keystone-auth"}},
		"an unknown one":        {authProvider("corp-login", map[string]string{"token": "s3cret-corp"}), []string{"auth-provider is not supported", "use an exec plugin instead"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := guard(t, cluster, "nobody's")
			server.refuses(t, server.kubeconfig(t, c.user), c.says...)
		})
	}
}

func TestCredentialsThatCannotWorkAreFoundBeforeAnybodyIsAsked(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	cert, key := faultproxy.PEM(t, faultproxy.Certificate(t, "user", time.Now().Add(time.Hour)))
	_, other := faultproxy.PEM(t, faultproxy.Certificate(t, "other", time.Now().Add(time.Hour)))
	dir := folderOf(t, map[string]string{"empty": "", "blank": " \n", "user.crt": string(cert), "locked.key": string(locked(key))})
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, c := range map[string]struct {
		user clientcmdapi.AuthInfo
		says []string
	}{
		"the key of another certificate":   {clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: other}, []string{"client-key is the key of another certificate than client-certificate"}},
		"an encrypted key":                 {clientcmdapi.AuthInfo{ClientCertificate: in("user.crt"), ClientKey: in("locked.key")}, []string{"client-key is encrypted", "openssl pkey"}},
		"a certificate without a key":      {clientcmdapi.AuthInfo{ClientCertificate: in("user.crt")}, []string{"client-certificate and no client-key"}},
		"a key that is a certificate":      {clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: cert}, []string{"client-certificate and client-key are no pair"}},
		"a token of two lines":             {clientcmdapi.AuthInfo{Token: "s3cret-1\ns3cret-2"}, []string{"token holds a line break"}},
		"a token of a newline":             {clientcmdapi.AuthInfo{Token: "\n"}, []string{"token is empty"}},
		"an empty tokenFile":               {clientcmdapi.AuthInfo{TokenFile: in("empty")}, []string{"the file that tokenFile names is empty"}},
		"a tokenFile of a blank":           {clientcmdapi.AuthInfo{TokenFile: in("blank")}, []string{"the file that tokenFile names is empty"}},
		"a tokenFile that is not there":    {clientcmdapi.AuthInfo{TokenFile: in("missing")}, []string{"the file that tokenFile names cannot be read: no such file or directory"}},
		"a client-key that is not there":   {clientcmdapi.AuthInfo{ClientCertificate: in("user.crt"), ClientKey: in("missing")}, []string{"the file that client-key names cannot be read: no such file or directory"}},
		"a key in the place of its file":   {clientcmdapi.AuthInfo{ClientCertificate: in("user.crt"), ClientKey: "s3cret"}, []string{"the file that client-key names cannot be read"}},
		"a token, and a user and password": {clientcmdapi.AuthInfo{Token: "s3cret", Username: "me", Password: "s3cret"}, []string{"a token and a username with password: leave one of them out"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := guard(t, cluster, "nobody's")
			server.refuses(t, server.kubeconfig(t, &c.user), c.says...)
		})
	}
}

// locked looks as a key does that openssl has put under a passphrase.
func locked(key []byte) []byte {
	block, _ := pem.Decode(key)
	block.Headers = map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00000000000000000000000000000000"}
	return pem.EncodeToMemory(block)
}

// TestNewlineAtTheEndOfATokenIsNoPartOfIt is what editors and echo leave there.
func TestNewlineAtTheEndOfATokenIsNoPartOfIt(t *testing.T) {
	t.Parallel()
	server := guard(t, smallCluster(t), "s3cret-token")
	file := filepath.Join(folderOf(t, map[string]string{"token": "s3cret-token\r\n"}), "token")
	for _, user := range []*clientcmdapi.AuthInfo{{Token: "s3cret-token\n"}, {TokenFile: file}} {
		got := run(t, call{args: []string{"images", "--kubeconfig", server.kubeconfig(t, user)}})
		assert.Equal(t, 0, got.code, got.stderr)
		assert.Contains(t, got.stdout, "nginx")
	}
}

// TestServerIsShownWithoutItsLogin has a user and a password in the address.
func TestServerIsShownWithoutItsLogin(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	login := new(atomic.Int32)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Admit = func(r *http.Request) bool {
		if user, password, ok := r.BasicAuth(); ok && user == "me" && password == "s3cret-pw" {
			login.Add(1)
		}
		return true
	}
	server := guarded{proxy.Serve(t), nil}
	at, err := url.Parse(server.config.Host)
	require.NoError(t, err)
	at.User = url.UserPassword("me", "s3cret-pw")
	shown := server.config.Host
	server.config.Host = at.String()
	path := server.kubeconfig(t, &clientcmdapi.AuthInfo{})

	got := run(t, call{args: []string{"doctor", "--kubeconfig", path, "-set", "deliver.file.path=" + filepath.Join(t.TempDir(), "x.json"), "-set", "cluster-id=prod"}})
	assert.Equal(t, 0, got.code, got.stdout)
	assert.Contains(t, got.stdout, "API server "+shown+"\n")
	assert.NotContains(t, got.stdout, "me:")
	got = run(t, call{args: []string{"-external", path, "-dry-run", "-debug", "prod"}})
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Contains(t, firstLine(got), "the cluster is "+shown)
	assert.NotContains(t, got.stderr, "me:")
	assert.Positive(t, login.Load(), "it is used, as by kubectl")
}
