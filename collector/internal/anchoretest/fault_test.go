package anchoretest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
)

func TestFaultsAreConsumedInOrder(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{
		{Status: 503}, {Kind: anchoretest.Pass}, {Status: 500, Early: true},
	}})
	r.FailNext(2, anchoretest.Fault{Status: 429, RetryAfter: "1"})
	assert.Equal(t, 5, r.PendingFaults())

	var got []int
	for range 6 {
		get(t, url+"/version") // takes no step of the script
		got = append(got, post(t, url+pathV2, []byte(goodV2)).status)
	}
	assert.Equal(t, []int{503, 201, 500, 429, 429, 201}, got)
	assert.Len(t, r.Accepted(), 2)
	assert.Zero(t, r.PendingFaults())
}

func TestFaultAnswersAreTheServicesOwn(t *testing.T) {
	t.Parallel()
	when := time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)
	tests := []struct {
		fault  anchoretest.Fault
		header string
		value  string
		body   string
	}{
		{anchoretest.Fault{Status: 401}, "Content-Type", "application/json", `"message":"Unauthorized"`},
		{anchoretest.Fault{Status: 403}, "Content-Type", "application/json", "Not authorized. Requires permissions"},
		{anchoretest.Fault{Status: 404}, "Content-Type", "application/json", "Not Found"},
		{anchoretest.Fault{Status: 408}, "Content-Type", "application/json", "Request Timeout"},
		{anchoretest.Fault{Status: 413}, "Content-Type", "application/json", "Request Entity Too Large"},
		{anchoretest.Fault{Status: 425}, "Content-Type", "application/json", "Too Early"},
		{anchoretest.Fault{Status: 429, RetryAfter: "7"}, "Retry-After", "7", "Too many requests"},
		{anchoretest.Fault{Status: 429, RetryAfter: when}, "Retry-After", when, "Too many requests"},
		{anchoretest.Fault{Status: 502, Body: "<h1>bad gateway</h1>", ContentType: "text/html"}, "Content-Type", "text/html", "<h1>bad gateway</h1>"},
		{anchoretest.Fault{Status: 504, Early: true}, "Content-Type", "application/json", "Gateway Timeout"},
		{anchoretest.Fault{Status: 307, Location: "/login"}, "Location", "/login", ""},
		{anchoretest.Fault{Status: 302, Location: "https://other.invalid/"}, "Location", "https://other.invalid/", ""},
		{anchoretest.LoginPage(), "Content-Type", "text/html; charset=utf-8", "<!DOCTYPE html>"},
	}
	r, url := anchoretest.Start(t, anchoretest.Options{})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, tt := range tests {
		r.Fail(tt.fault)
		got, err := try(t, client, url+pathV2, []byte(goodV2))
		require.NoError(t, err)
		assert.Equal(t, tt.fault.Status, got.status)
		assert.Equal(t, tt.value, got.header.Get(tt.header))
		assert.Contains(t, got.body, tt.body)
	}
	assert.Empty(t, r.Accepted(), "a login page's 200 accepts nothing")
}

func TestFaultOnlyOnItsPath(t *testing.T) {
	t.Parallel()
	_, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{On: "/version", Status: 503}}})
	assert.Equal(t, http.StatusCreated, post(t, url+pathV2, []byte(goodV2)).status)
	assert.Equal(t, http.StatusServiceUnavailable, get(t, url+"/version").status)
	assert.Equal(t, http.StatusOK, get(t, url+"/version").status)
}

func TestCutConnections(t *testing.T) {
	t.Parallel()
	for _, f := range []anchoretest.Fault{
		{Kind: anchoretest.Cut}, {Kind: anchoretest.Cut, Early: true}, {Kind: anchoretest.CutAnswer}, {Kind: anchoretest.CutAnswer, Status: 200, Early: true},
	} {
		r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{f}})
		_, err := try(t, http.DefaultClient, url+pathV2, []byte(goodV2))
		require.Error(t, err)
		require.Len(t, r.Requests(), 1)
		if f.Early {
			assert.Zero(t, r.Requests()[0].RawBytes)
		} else {
			assert.True(t, bytes.Equal([]byte(goodV2), r.Requests()[0].Body), "byte for byte")
		}
		assert.Empty(t, r.Accepted())
		assert.Equal(t, http.StatusCreated, post(t, url+pathV2, []byte(goodV2)).status)
	}
}

func TestHangIsSeenWhileItLasts(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{false, true} {
		r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{Kind: anchoretest.Hang, Early: early}}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		go func() {
			for len(r.Requests()) == 0 && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		_, err := try(t, http.DefaultClient, url+pathV2, []byte(goodV2), func(q *http.Request) { *q = *q.WithContext(ctx) })
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, r.Requests(), 1)
		assert.Zero(t, r.Requests()[0].Status)
	}
}

func TestSlowReaderTakesItsTime(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{Kind: anchoretest.Slow, BytesPerSecond: 3 * len(goodV2)}}})
	start := time.Now()
	assert.Equal(t, http.StatusCreated, post(t, url+pathV2, []byte(goodV2)).status)
	assert.Greater(t, time.Since(start), 250*time.Millisecond)
	assert.Len(t, r.Accepted(), 1)
}

func TestEarlyAnswerDoesNotWaitForTheBody(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{Status: 413, Early: true}}})
	got := post(t, url+pathV2, bytes.Repeat([]byte(" "), 1000))
	assert.Equal(t, http.StatusRequestEntityTooLarge, got.status)
	assert.Zero(t, r.Requests()[0].RawBytes)
}

func TestStartTLSHandsOutItsFiles(t *testing.T) {
	t.Parallel()
	r, where := anchoretest.StartTLS(t, anchoretest.Options{ClientCert: true})
	ca, err := os.ReadFile(where.CAFile)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca))
	pair, err := tls.LoadX509KeyPair(where.CertFile, where.KeyFile)
	require.NoError(t, err)

	with := func(config *tls.Config) error {
		config.MinVersion = tls.VersionTLS12
		transport := &http.Transport{TLSClientConfig: config}
		t.Cleanup(transport.CloseIdleConnections)
		_, err := try(t, &http.Client{Transport: transport}, where.URL+pathV2, []byte(goodV2))
		return err
	}
	require.NoError(t, with(&tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}))
	require.Error(t, with(&tls.Config{RootCAs: pool}), "no client certificate")
	require.Error(t, with(&tls.Config{Certificates: []tls.Certificate{pair}}), "unknown authority")
	assert.Len(t, r.Accepted(), 1)
}
