package kube

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/settings"
)

// TestFrontEndWithoutHTTP1IsReached puts servers in front of the real one that
// refuse HTTP/1.1 in the two ways there are: with an answer, and without.
func TestFrontEndWithoutHTTP1IsReached(t *testing.T) {
	const n = 1000
	cluster := many(t, n)
	proxy := faultproxy.New(t, cluster.Config())
	var modern http.Protocols
	modern.SetHTTP2(true)
	for name, c := range map[string]struct {
		front http.Handler
		speak *http.Protocols
		says  string
	}{
		"with an answer": {says: "426 Upgrade Required: go away (set kubernetes.http-version to 2", front: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor < 2 {
				w.Header().Set("Content-Type", "text/plain")
				w.WriteHeader(http.StatusUpgradeRequired)
				_, _ = w.Write([]byte("go away"))
				return
			}
			proxy.ServeHTTP(w, r)
		})},
		"without": {says: "EOF", front: proxy, speak: &modern},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(c.front)
			server.Config.Protocols = c.speak
			config := frontOf(t, server)

			err := dial(t, config, usual(500)).Preflight(t.Context(), Scope{}, podResource())
			require.ErrorIs(t, err, ErrUnavailable)
			require.ErrorContains(t, err, c.says)

			opts := usual(500)
			opts.HTTPVersion = http2
			r := newRecorder(t)
			_, err = dial(t, config, opts).Pods(t.Context(), r)
			require.NoError(t, err)
			r.requireMany(n)
		})
	}
}

// TestHTTP2IsAskedForAndNotDemanded: the setting is for front ends, and must not
// break a connection that has none.
func TestHTTP2IsAskedForAndNotDemanded(t *testing.T) {
	const n = 1000
	cluster := many(t, n)
	var old http.Protocols
	old.SetHTTP1(true)
	server := httptest.NewUnstartedServer(faultproxy.New(t, cluster.Config()))
	server.Config.Protocols = &old
	opts := usual(500)
	opts.HTTPVersion = http2
	r := newRecorder(t)
	_, err := dial(t, frontOf(t, server), opts).Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireMany(n)
}

func TestHTTPVersionIsOneOfTwo(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"", "1", "2.0", "3", "auto"} {
		opts := usual(500)
		opts.HTTPVersion = version
		err := opts.Check()
		require.ErrorIs(t, err, settings.ErrInvalid)
		assert.ErrorContains(t, err, "kubernetes.http-version")
	}
}

// frontOf starts the server with TLS and returns how to connect to it.
func frontOf(t *testing.T, server *httptest.Server) *rest.Config {
	t.Helper()
	server.EnableHTTP2 = server.Config.Protocols == nil || server.Config.Protocols.HTTP2()
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refusals are noisy
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return &rest.Config{Host: server.URL, TLSClientConfig: rest.TLSClientConfig{CAData: ca}}
}
