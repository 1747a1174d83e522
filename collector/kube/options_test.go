package kube

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

func TestRequestTimeoutIsForTheWholeRequest(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil { // it is never silent, and never done
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}))
	defer server.Close()
	opts := usual(100)
	opts.RequestTimeout = 50 * time.Millisecond
	c := dial(t, &rest.Config{Host: server.URL}, opts)
	defer c.Close()
	_, err := c.Version(t.Context())
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "kubernetes.request-timeout")
}

func TestTimeoutsAreReadAsKubectlReadsThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"0": 0, "30": 30 * time.Second, "1m30s": 90 * time.Second, "0s": 0} {
		var got Timeout
		require.NoError(t, got.UnmarshalText([]byte(text)))
		assert.Equal(t, want, time.Duration(got))
	}
	for _, text := range []string{"-1", "-1s", "soon", "1 m", ""} {
		var got Timeout
		require.Error(t, got.UnmarshalText([]byte(text)), text)
	}
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
