package programtest_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/faultproxy"
)

// corporate is a proxy as companies have them. Everybody must log in, and nobody may
// go to 10.0.0.0/8, as with squid and
//
//	acl auth proxy_auth REQUIRED
//	acl cluster dst 10.0.0.0/8
//	http_access deny auth cluster
//	http_access allow auth
//	http_access deny all
//
// What it lets through is not there: it answers 503, as squid does.
type corporate struct {
	at    string // host and port
	mu    sync.Mutex
	asked []string // what was to be reached, each time
}

func newCorporate(t *testing.T) *corporate {
	t.Helper()
	p := &corporate{}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.at = server.Listener.Addr().String()
	return p
}

func (p *corporate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Host)
	login := http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	user, password, _ := login.BasicAuth()
	switch {
	case user != "corp" || password != secret:
		w.Header().Set("Proxy-Authenticate", `Basic realm="corp"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
	case strings.HasPrefix(r.Host, "10."):
		w.WriteHeader(http.StatusForbidden)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (p *corporate) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.asked)
	p.asked = nil
	return n
}

// rightLogin is the login of the proxy, percent-encoded.
const rightLogin = "corp:s3cret%3A%20%231@"

// readers are the commands that read a live cluster.
func readers() map[string][]string {
	return map[string][]string{"images": {"images"}, "a run": {"-dry-run", "prod-1"}, "doctor": {"doctor", "-dry-run", "prod-1"}}
}

// TestVariableThatHoldsNoProxy: net/http takes such a one for none, and goes past
// the proxy, or looks for a host "http".
func TestVariableThatHoldsNoProxy(t *testing.T) {
	t.Parallel()
	kubeconfig := faultproxy.WriteKubeconfig(t, &rest.Config{Host: "https://kubernetes.example.invalid:6443", BearerToken: oldToken})
	const form = ": not a proxy: write http://host:port, with user and password percent-encoded"
	for name, test := range map[string]struct {
		env  []string
		says string
	}{
		"a percent sign":                   {[]string{"HTTPS_PROXY=http://corp:s3cret%1x@127.0.0.1:3128"}, "HTTPS_PROXY" + form},
		"a number sign":                    {[]string{"https_proxy=http://corp:s3cret#1x@127.0.0.1:3128"}, "https_proxy" + form},
		"of plain requests":                {[]string{"HTTP_PROXY=http://corp#s3cret@127.0.0.1:3128"}, "HTTP_PROXY" + form},
		"exceptions with other separators": {[]string{"HTTPS_PROXY=http://127.0.0.1:3128", "NO_PROXY=localhost;kubernetes.example.invalid"}, "NO_PROXY: entry 1 of 1 is no host, .domain, address or network"},
	} {
		for command, args := range readers() {
			t.Run(name+"/"+command, func(t *testing.T) {
				t.Parallel()
				got := run(t, call{args: append(args, "-external", kubeconfig), env: test.env})
				assert.Equal(t, 2, got.code, got.stderr+got.stdout)
				assert.Contains(t, got.stderr+got.stdout, test.says)
			})
		}
	}
}

// TestVariableThatNobodyAsksFor: for this machine net/http takes no proxy, and a
// proxy-url of the kubeconfig counts instead of the environment's.
func TestVariableThatNobodyAsksFor(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	broken := []string{"HTTPS_PROXY=http://corp:s3cret%1x@127.0.0.1:3128"}
	got := run(t, call{args: []string{"images", "-external", cluster.Kubeconfig(t)}, env: broken})
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Contains(t, got.stdout, "nginx")

	proxy := newCorporate(t)
	got = run(t, call{args: []string{"images", "-external", through(t, "http://"+rightLogin+proxy.at, "https://10.96.0.1")}, env: broken})
	assert.Equal(t, 2, got.code, got.stderr)
	assert.Contains(t, got.stderr, "the proxy http://"+proxy.at+" answers 403 Forbidden")
	assert.Equal(t, 1, proxy.requests())
}

// through is a kubeconfig with a proxy-url.
func through(t *testing.T, proxy, server string) string {
	t.Helper()
	text := "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n" +
		"clusters: [{name: a, cluster: {server: '" + server + "', proxy-url: '" + proxy + "'}}]\nusers: [{name: a, user: {token: " + oldToken + "}}]\n"
	return folderOf(t, map[string]string{"kubeconfig": text}) + "/kubeconfig"
}

// TestProxyThatRefuses: it is named, with what would help, and asked once.
func TestProxyThatRefuses(t *testing.T) {
	t.Parallel()
	direct := func(server string) string {
		return faultproxy.WriteKubeconfig(t, &rest.Config{Host: server, BearerToken: oldToken})
	}
	for name, test := range map[string]struct {
		login, server string
		byFile        bool
		code, asked   int
		says          []string
	}{
		"the way to the cluster": {rightLogin, "https://10.96.0.1", false, 2, 1, []string{"answers 403 Forbidden", "put 10.96.0.1 into NO_PROXY", "let it through"}},
		"the password":           {"corp:s3cret-wrong@", "https://api.example.invalid:6443", false, 2, 1, []string{"answers 407 Proxy Authentication Required", "put the proxy's user and password into HTTPS_PROXY"}},
		"nobody without a login": {"", "https://api.example.invalid:6443", false, 2, 1, []string{"answers 407 Proxy Authentication Required", "HTTPS_PROXY"}},
		"without TLS":            {"corp:s3cret-wrong@", "http://api.example.invalid:8080", false, 2, 1, []string{"answers 407 Proxy Authentication Required", "HTTP_PROXY"}},
		"that of a kubeconfig":   {"corp:s3cret-wrong@", "https://api.example.invalid:6443", true, 2, 1, []string{"answers 407 Proxy Authentication Required", "into proxy-url of the kubeconfig"}},
		"and may do so later":    {rightLogin, "https://api.example.invalid:6443", false, 6, 4, []string{"answers 503 Service Unavailable"}},
	} {
		for command, args := range readers() {
			t.Run(name+"/"+command, func(t *testing.T) {
				t.Parallel()
				proxy := newCorporate(t)
				at := "http://" + test.login + proxy.at
				c := call{args: append(args, "-external", direct(test.server)), env: []string{"HTTPS_PROXY=" + at, "HTTP_PROXY=" + at}}
				if test.byFile {
					c = call{args: append(args, "-external", through(t, at, test.server))}
				}
				got := run(t, c)
				said := got.stderr + got.stdout
				assert.Equal(t, test.code, got.code, said)
				for _, words := range append(test.says, "the proxy http://"+proxy.at) {
					assert.Contains(t, said, words)
				}
				if test.code == 2 {
					assert.NotContains(t, said, "not available")
					assert.NotContains(t, said, "firewall")
				}
				assert.Equal(t, test.asked, proxy.requests(), "requests")
			})
		}
	}
}

// TestSocksProxyThatRefuses: one that knows no way to log in but by password.
func TestSocksProxyThatRefuses(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			hello := make([]byte, 512)
			_, _ = conn.Read(hello)
			_, _ = conn.Write([]byte{5, 2}) // user and password, RFC 1929
			_, _ = conn.Read(hello)
			_, _ = conn.Write([]byte{1, 1}) // which are wrong
			_ = conn.Close()
		}
	}()
	at := listener.Addr().String()
	kubeconfig := faultproxy.WriteKubeconfig(t, &rest.Config{Host: "https://10.96.0.1", BearerToken: oldToken})
	got := run(t, call{args: []string{"images", "-external", kubeconfig}, env: []string{"HTTPS_PROXY=socks5://corp:s3cret-wrong@" + at}})
	assert.Equal(t, 2, got.code, got.stderr)
	assert.Contains(t, got.stderr, "the proxy socks5://"+at+" refuses")
	assert.Contains(t, got.stderr, "put the proxy's user and password into HTTPS_PROXY")
	assert.NotContains(t, got.stderr, "attempts")
}
