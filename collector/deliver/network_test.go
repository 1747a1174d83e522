package deliver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
)

func TestDeliverTrustsTheCAFileAndShowsItsCertificate(t *testing.T) {
	t.Parallel()
	r, where := anchoretest.StartTLS(t, anchoretest.Options{Users: testUsers, ClientCert: true})
	c := newClientOf(t, where.URL, func(o *AnchoreOptions) {
		o.CAFile, o.ClientCertFile, o.ClientKeyFile = where.CAFile, where.CertFile, where.KeyFile
	})
	require.NoError(t, c.Preflight(t.Context()))
	_, err := c.deliver(newBody(t, payload.Anchore, 3))
	require.NoError(t, err)
	assert.Len(t, r.Accepted(), 1)
	assert.Empty(t, c.messages())
}

func TestDeliverDoesNotRetryWhatTLSForbids(t *testing.T) {
	t.Parallel()
	open, plain := anchoretest.StartTLS(t, anchoretest.Options{})
	_, strict := anchoretest.StartTLS(t, anchoretest.Options{ClientCert: true})
	_, inClear := anchoretest.Start(t, anchoretest.Options{})
	tests := map[string]struct {
		url, ca string
		kind    error
		says    string
	}{
		"unknown authority":     {plain.URL, "", ErrUnavailable, "anchore.http.ca-file"},
		"wrong name":            {wrongName(plain.URL), plain.CAFile, ErrUnavailable, "use a name of the certificate"},
		"old version":           {oldTLS(t), "", ErrUnavailable, "protocol version"},
		"not TLS":               {strings.Replace(inClear, "http:", "https:", 1), "", ErrUnavailable, "write http://"},
		"without a certificate": {strict.URL, strict.CAFile, ErrRefused, "certificate required"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClientOf(t, test.url, func(o *AnchoreOptions) { o.CAFile = test.ca })
			receipt, err := c.deliver(newBody(t, payload.Anchore, 1))
			require.ErrorIs(t, err, test.kind)
			require.ErrorContains(t, err, test.says)
			if errors.Is(test.kind, ErrUnavailable) { // net/http may lose the server's alert when it comes before the request is written
				assert.Equal(t, 1, receipt.Attempts, "%+v", c.events)
			}
			require.ErrorIs(t, c.Preflight(t.Context()), test.kind)
			assert.Empty(t, open.Requests())
		})
	}
}

// wrongName is the same port under a name that is not in the certificate; its addresses are 127.0.0.1 and ::1.
func wrongName(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }

func oldTLS(t *testing.T) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func TestDeliverFollowsWithinTheOriginOnly(t *testing.T) {
	t.Parallel()
	other, otherURL := anchoretest.Start(t, anchoretest.Options{})
	tests := map[string]struct {
		status   int
		location string
		arrives  bool
	}{
		"307 here":      {307, "/api/v2/kubernetes-inventory", true},
		"308 here":      {308, "/api/v2/kubernetes-inventory", true},
		"301 here":      {301, "/api/v2/kubernetes-inventory", false},
		"303 here":      {303, "/api/v2/kubernetes-inventory", false},
		"307 elsewhere": {307, otherURL + "/v2/kubernetes-inventory", false},
		"308 elsewhere": {308, otherURL + "/v2/kubernetes-inventory", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := anchoretest.New(anchoretest.Options{Users: testUsers, BasePath: "/api"})
			mux := http.NewServeMux()
			mux.Handle("/api/", r)
			mux.HandleFunc("/v2/", func(w http.ResponseWriter, req *http.Request) {
				_, _ = io.Copy(io.Discard, req.Body)
				w.Header().Set("Location", test.location)
				w.WriteHeader(test.status)
			})
			s := httptest.NewServer(mux)
			t.Cleanup(s.Close)
			receipt, err := newClientOf(t, s.URL, nil).deliver(newBody(t, payload.Anchore, 20))
			assert.Equal(t, 1, receipt.Attempts)
			assert.Equal(t, test.arrives, len(r.Accepted()) == 1)
			if test.arrives {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrRefused)
			require.ErrorContains(t, err, "redirects to "+test.location)
			assert.Empty(t, r.Requests())
		})
	}
	t.Cleanup(func() { assert.Empty(t, other.Requests()) })
}

func TestDeliverGivesUpARedirectLoop(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	r.FailNext(100, anchoretest.Fault{Status: 307, Location: "/v2/kubernetes-inventory"})
	_, err := newClientOf(t, url, nil).deliver(newBody(t, payload.Anchore, 1))
	require.ErrorIs(t, err, ErrRefused)
	assert.Len(t, r.Requests(), 6, "five redirects")
}

// proxyEnvironment marks the process that delivers through a proxy: net/http reads the environment only once.
const proxyEnvironment = "DELIVER_TEST_URL"

// Proxies were ignored by anchore-k8s-inventory (see defects_test.go).
func TestDefect15DeliverGoesThroughTheProxyOfTheEnvironment(t *testing.T) {
	if url := os.Getenv(proxyEnvironment); url != "" {
		deliverFromEnvironment(t, url)
		return
	}
	t.Parallel()
	r := anchoretest.New(anchoretest.Options{Users: testUsers})
	asked := make(chan string, 10) // what the proxy was asked for
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		asked <- req.Host
		if req.Method == http.MethodConnect {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		r.ServeHTTP(w, req)
	}))
	t.Cleanup(p.Close)
	proxyURL := strings.Replace(p.URL, "http://", "http://bob:s3cret@", 1)

	out := runWithProxy(t, proxyURL, "http://anchore.example.invalid:8228")
	assert.Contains(t, out, "delivered")
	assert.Equal(t, "anchore.example.invalid:8228", <-asked)
	assert.Len(t, r.Accepted(), 1)

	out = runWithProxy(t, proxyURL, "https://anchore.example.invalid")
	assert.Contains(t, out, "refused true")
	assert.Contains(t, out, "the proxy http://"+p.Listener.Addr().String()+" answers 407 Proxy Authentication Required")
	assert.Contains(t, out, "HTTPS_PROXY")
	assertNoSecret(t, out)
}

func runWithProxy(t *testing.T, proxyURL, url string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), proxyEnvironment+"="+url, "HTTP_PROXY="+proxyURL, "HTTPS_PROXY="+proxyURL, "NO_PROXY=")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

func deliverFromEnvironment(t *testing.T, url string) {
	t.Helper()
	c := newClientOf(t, url, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := c.Deliver(ctx, newBody(t, payload.Anchore, 1))
	if err == nil {
		t.Log("delivered")
		return
	}
	t.Logf("refused %v: %v", errors.Is(err, ErrRefused), err)
}
