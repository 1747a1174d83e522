package kube

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/settings"
)

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
		err = dial(t, config, usual(100)).Preflight(t.Context(), Scope{}, podResource())
		require.ErrorIs(t, err, c.want, name)
		require.ErrorContains(t, err, c.says, name)
		assert.Equal(t, 1, asked, "%s: to ask again does not help", name)
		proxy.Close()
	}
}
