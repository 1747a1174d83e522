package transport

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func withoutProxies(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"} {
		t.Setenv(name, "")
	}
}

func TestVariablesThatHoldNoProxy(t *testing.T) {
	for value, good := range map[string]bool{
		"http://proxy:3128": true, "proxy:3128": true, "proxy": true, "https://corp:p%40ss%231x@proxy.example.com:3128/": true,
		"socks5://127.0.0.1:1080": true, "socks5h://proxy": true, "http://[::1]:3128": true, "10.0.0.1:8080": true,
		"http://corp:pass%1x@127.0.0.1:3128": false, "http://corp:pass#1x@127.0.0.1:3128": false, "http://corp#1@proxy:3128": false,
		"http://corp/1@proxy:3128": false, "http://corp?1@proxy:3128": false, "http://": false, "http://:3128": false,
		"socks4://proxy:1080": false, "http://proxy:port": false, "http://proxy:99999": false, "http//proxy:3128": false, "http:/proxy": false,
		" http://proxy": false,
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
			withoutProxies(t)
			t.Setenv(name, value)
			var want []BadVariable
			if !good {
				want = []BadVariable{{name, ProxyForm}}
			}
			assert.Equal(t, want, BadProxies(), "%s=%s", name, value)
		}
	}
}

func TestExceptionsThatCannotBeRead(t *testing.T) {
	for value, good := range map[string]bool{
		"*": true, "localhost,127.0.0.1": true, ".svc, .cluster.local ,10.96.0.0/12,": true, "*.example.com": true, "api.example.com:6443": true,
		"fd00::/8,[fd00::1]:6443,fd00::1,[fd00::1]": true, "my_host": true, "münchen.example": true, "10.96.0.1,$(NO_PROXY),$(no_proxy)": true, "$(a b)": false, "$(NO_PROXY": false, "10.96.0.1:443": true,
		"localhost;10.96.0.1": false, "localhost 10.96.0.1": false, "a|b": false, "https://10.96.0.1": false, "10.96.0.0/99": false,
		"169.254/16": false, "10.*": false, "api.example.com:https": false, "user:password@host": false, "10.0.0.0/8/": false, "a,b=c": false,
	} {
		withoutProxies(t)
		t.Setenv("no_proxy", value)
		assert.Empty(t, BadProxies(), "%s means nothing without a proxy", value)
		t.Setenv("HTTPS_PROXY", "http://proxy:3128")
		bad := BadProxies()
		if good {
			assert.Empty(t, bad, value)
			continue
		}
		assert.Len(t, bad, 1, value)
		assert.Equal(t, "no_proxy", bad[0].Name)
		assert.Contains(t, bad[0].Why, "is no host, .domain, address or network")
		assert.NotContains(t, bad[0].Why, "password")
	}
}

func TestProxyErrorNamesTheProxy(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "the proxy http://127.0.0.1:3128 answers 407 Proxy Authentication Required", (&ProxyError{"http://127.0.0.1:3128", 407}).Error())
	assert.Equal(t, "the proxy answers 599", (&ProxyError{"", 599}).Error())
	for status, passes := range map[int]bool{302: false, 400: false, 403: false, 404: false, 407: false, 501: false, 429: true, 500: true, 502: true, 503: true, 504: true} {
		assert.Equal(t, passes, (&ProxyError{Status: status}).Passes(), status)
	}
}
