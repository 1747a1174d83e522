package transport_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/transport"
)

const token = "s3cret: #1"

// scanner is a service with all that services do: 201 and an entity tag after a report was posted, 304 while it is as it
// was, a stream of findings, an answer that comes later, words in plain text, and too many requests.
type scanner struct {
	t        *testing.T
	requests atomic.Int64
	posted   atomic.Int64
}

func (s *scanner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	assert.Equal(s.t, "Bearer "+token, r.Header.Get("Authorization"))
	assert.Equal(s.t, "stocktake/test", r.Header.Get("User-Agent"))
	switch r.Method + " " + r.URL.Path {
	case "POST /index":
		s.index(w, r)
	case "GET /index/sha256:1":
		if r.Header.Get("If-None-Match") == `"7"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"7"`)
		_, _ = io.WriteString(w, `{"state":"IndexFinished"}`)
	case "GET /findings":
		s.stream(w, r)
	case "DELETE /index/sha256:1":
		w.WriteHeader(http.StatusNoContent)
	case "POST /hook":
		_, _ = io.WriteString(w, "ok")
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `{"code":"not-found","message":"no such thing for Bearer %s\u001b[2J"}`, token)
	}
}

// index has too much to do at first.
func (s *scanner) index(w http.ResponseWriter, r *http.Request) {
	if s.posted.Add(1) == 1 {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	var manifest struct{ Hash string }
	assert.NoError(s.t, json.NewDecoder(r.Body).Decode(&manifest))
	assert.Equal(s.t, "sha256:1", manifest.Hash)
	w.Header().Set("Location", "/index/"+manifest.Hash)
	w.WriteHeader(http.StatusAccepted)
}

// stream answers more than an answer may hold that is kept.
func (s *scanner) stream(w http.ResponseWriter, r *http.Request) {
	assert.Equal(s.t, "gzip", r.Header.Get("Accept-Encoding"))
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	for n := range 100_000 {
		_, _ = fmt.Fprintf(packed, `{"id":"CVE-2026-%d"}`+"\n", n)
	}
	_ = packed.Close()
}

// scannerOf returns a client for a scanner, and what it tells of pauses.
func scannerOf(t *testing.T) (s *scanner, at string, c *transport.Client, waits *[]time.Duration) {
	t.Helper()
	s, waits = &scanner{t: t}, &[]time.Duration{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := transport.NewClient(transport.Options{
		Security: transport.Security{URL: "clair.url", Prefix: "clair.http."},
		Agent:    "stocktake/test",
		Silence:  10 * time.Second,
		Secrets:  []string{token},
		Login:    true,
		Advise:   func(*transport.Error) string { return "see clair.url" },
		Waiting:  func(_ *transport.Error, wait time.Duration) { *waits = append(*waits, wait) },
	})
	require.NoError(t, err)
	t.Cleanup(c.HTTP.CloseIdleConnections)
	return s, server.URL, c, waits
}

// asking is a request to the scanner.
func asking(method, url string) transport.Request {
	return transport.Request{
		Method: method, URL: url, Header: http.Header{"Authorization": {"Bearer " + token}},
		Retry: transport.RetryPolicy{First: time.Millisecond, Most: time.Millisecond, Within: time.Minute},
	}
}

// TestClientSpeaksWithAnyService uses the client as the package of a scanner would, with plain values and nothing of a
// receiver.
func TestClientSpeaksWithAnyService(t *testing.T) {
	t.Parallel()
	_, at, c, waits := scannerOf(t)

	post := asking(http.MethodPost, at+"/index")
	post.Header.Set("Content-Type", "application/json")
	post.Content = transport.Bytes([]byte(`{"hash":"sha256:1"}`))
	said, e := c.Do(t.Context(), post)
	require.Nil(t, e)
	assert.Equal(t, http.StatusAccepted, said.Status)
	assert.Equal(t, "/index/sha256:1", said.Header.Get("Location"))
	assert.Equal(t, 2, said.Attempts, "the first was one of too many")
	require.Len(t, *waits, 1)
	assert.GreaterOrEqual(t, (*waits)[0], time.Second, "as long as it asked for")

	said, e = c.Do(t.Context(), asking(http.MethodGet, at+"/index/sha256:1"))
	require.Nil(t, e)
	assert.JSONEq(t, `{"state":"IndexFinished"}`, string(said.Body))
	known := asking(http.MethodGet, at+"/index/sha256:1")
	known.Header.Set("If-None-Match", said.Header.Get("ETag"))
	known.Success = []int{http.StatusOK, http.StatusNotModified}
	said, e = c.Do(t.Context(), known)
	require.Nil(t, e)
	assert.Equal(t, http.StatusNotModified, said.Status)
	assert.Empty(t, said.Body)

	said, e = c.Do(t.Context(), asking(http.MethodDelete, at+"/index/sha256:1"))
	require.Nil(t, e)
	assert.Equal(t, http.StatusNoContent, said.Status)
}

func TestClientStreamsAnAnswer(t *testing.T) {
	t.Parallel()
	_, at, c, _ := scannerOf(t)
	get := asking(http.MethodGet, at+"/findings")
	count := 0
	get.Read = func(r io.Reader) error {
		count = 0
		for d := json.NewDecoder(r); ; count++ {
			var finding struct{ ID string }
			if err := d.Decode(&finding); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	said, e := c.Do(t.Context(), get)
	require.Nil(t, e)
	assert.Equal(t, 100_000, count)
	assert.Empty(t, said.Body)

	get.Read = func(io.Reader) error { return io.ErrUnexpectedEOF }
	_, e = c.Do(t.Context(), get)
	require.NotNil(t, e)
	assert.Equal(t, transport.Refused, e.Kind, "what cannot be read is no answer, and asking again does not help")
	require.ErrorIs(t, e, io.ErrUnexpectedEOF)
	assert.Equal(t, at+"/findings: 200 OK: unexpected EOF", e.Error())
}

// TestClientTakesTextOnlyWhereItIsMeant as those do who say "ok"; elsewhere it would be somebody in between.
func TestClientTakesTextOnlyWhereItIsMeant(t *testing.T) {
	t.Parallel()
	_, at, c, _ := scannerOf(t)
	hook := asking(http.MethodPost, at+"/hook")
	hook.Content = transport.Bytes([]byte(`{"text":"hello"}`))
	_, e := c.Do(t.Context(), hook)
	require.NotNil(t, e)
	assert.Equal(t, at+"/hook: 200 OK: ok: not the answer of the API but of a login page or a proxy in between (see clair.url)", e.Error())

	hook.Text = true
	said, e := c.Do(t.Context(), hook)
	require.Nil(t, e)
	assert.Equal(t, "ok", string(said.Body))
}

func TestClientSaysWhoseMoveItIs(t *testing.T) {
	t.Parallel()
	s, at, c, _ := scannerOf(t)
	_, e := c.Do(t.Context(), asking(http.MethodGet, at+"/nothing?key="+url.QueryEscape(token)))
	require.NotNil(t, e)
	assert.Equal(t, transport.Refused, e.Kind)
	assert.Equal(t, http.StatusNotFound, e.Status)
	assert.Equal(t, at+`/nothing: 404 Not Found: no such thing for Bearer [redacted]\x1b[2J (see clair.url)`, e.Error())
	assert.EqualValues(t, 1, s.requests.Load())

	synctest.Test(t, func(t *testing.T) { // nothing is there to wait for but the clock, which is that of the test
		c, err := transport.NewClient(transport.Options{Agent: "stocktake/test", Silence: time.Minute, Waiting: func(*transport.Error, time.Duration) {}})
		require.NoError(t, err)
		gone := asking(http.MethodGet, "http://127.0.0.1:1")
		gone.Retry.First, gone.Retry.Most = time.Second, time.Second
		_, e := c.Do(t.Context(), gone)
		require.NotNil(t, e)
		assert.Equal(t, transport.Unavailable, e.Kind)
		assert.Greater(t, e.Attempts, 1)
		require.Error(t, e.GivenUp)

		called, cancel := context.WithCancel(t.Context())
		cancel()
		_, e = c.Do(called, gone)
		require.NotNil(t, e)
		assert.Equal(t, transport.Ours, e.Kind)
		require.ErrorIs(t, e, context.Canceled)
	})
}

func TestClientProbesTheWay(t *testing.T) {
	t.Parallel()
	_, at, c, _ := scannerOf(t)
	base, err := url.Parse(at)
	require.NoError(t, err)
	var lines []string
	said, _, e := c.Probe(t.Context(), base, func(ctx context.Context) (transport.Answer, *transport.Error) {
		return c.Do(ctx, asking(http.MethodGet, at+"/index/sha256:1"))
	}, "version", func(f transport.Finding) { lines = append(lines, string(f.Verdict)+": "+f.Says+" → "+f.Advice) })
	require.Nil(t, e)
	assert.Equal(t, http.StatusOK, said.Status)
	require.Len(t, lines, 2)
	assert.True(t, strings.HasPrefix(lines[0], "ok: TCP: connects to "+base.Host+" in "), lines[0])
	assert.Equal(t, "warn: no TLS: whoever is in between can read what is sent, and the password → write https:// in clair.url", lines[1])
	clock := transport.ClockOf(said.Header)
	clock.Whose = "the scanner"
	assert.Equal(t, transport.Finding{Verdict: transport.Fine, Says: "clock: agrees with the one here"}, clock.Finding())
}
