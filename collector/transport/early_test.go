package transport

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const created = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"

// TestSuccessBeforeTheWholeBodyIsNone has receivers that say 201 as soon as they have the header: such that close
// without having read on, and such that stay and read nothing. What they say is no success, however much of the body
// fits into the buffers in between.
func TestSuccessBeforeTheWholeBodyIsNone(t *testing.T) {
	t.Parallel()
	closing := created
	saidToClose := strings.Replace(created, "\r\n", "\r\nConnection: close\r\n", 1)
	for name, test := range map[string]struct {
		secure, stays bool
		answer        string
		sizes         []int64
	}{
		"closes":                   {false, false, closing, []int64{5 << 10, 40 << 10, 100 << 10, 300 << 10, 1 << 20, 3 << 20, 10 << 20, 60 << 20}},
		"says that it closes":      {false, false, saidToClose, []int64{40 << 10, 300 << 10, 3 << 20}},
		"hints and closes":         {false, false, "HTTP/1.1 103 Early Hints\r\n\r\n" + created, []int64{40 << 10, 300 << 10, 3 << 20, 60 << 20}},
		"wants more and closes":    {false, false, "HTTP/1.1 100 Continue\r\n\r\n" + created, []int64{40 << 10, 300 << 10, 3 << 20}},
		"closes, TLS":              {true, false, closing, []int64{40 << 10, 100 << 10, 300 << 10, 1 << 20, 3 << 20, 60 << 20}},
		"says that it closes, TLS": {true, false, saidToClose, []int64{40 << 10, 300 << 10, 3 << 20}},
		"stays":                    {false, true, created, []int64{1 << 20, 3 << 20, 60 << 20}},
		"stays, TLS":               {true, true, created, []int64{1 << 20, 3 << 20, 60 << 20}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := hasty(t, test.secure, test.stays, test.answer)
			for _, size := range test.sizes {
				for range 3 {
					c := clientOf(t, url)
					c.grace = time.Minute // the machine may be busy
					_, e := c.attempt(t.Context(), Request{
						Method: http.MethodPost, URL: url, Content: zeroContent(size),
					}, time.Minute)
					require.NotNil(t, e, "%d bytes", size)
					assert.Equal(t, Unavailable, e.Kind)
					assert.True(t, e.again)
					assert.Contains(t, e.Error(), "201 Created before it had the whole body", "%d bytes", size)
				}
			}
		})
	}
}

// hasty starts a receiver that answers when it has the header.
func hasty(t *testing.T, secure, stays bool, answer string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	scheme := "http://"
	if secure {
		scheme = "https://"
		s := httptest.NewUnstartedServer(nil)
		s.StartTLS()
		t.Cleanup(s.Close)
		l = tls.NewListener(l, &tls.Config{Certificates: s.TLS.Certificates})
	}
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				r := bufio.NewReaderSize(conn, 512)
				for line := ""; line != "\r\n"; {
					if line, err = r.ReadString('\n'); err != nil {
						break
					}
				}
				_, _ = io.WriteString(conn, answer)
				if stays {
					<-done
				}
				if secured, ok := conn.(*tls.Conn); ok {
					conn = secured.NetConn() // without a word that it closes
				}
				_ = conn.Close()
			}()
		}
	}()
	return scheme + l.Addr().String()
}

// TestSuccessAfterTheWholeBodyIsOne has receivers that read all and answer at once, in each of the ways to close a
// connection or to keep it.
func TestSuccessAfterTheWholeBodyIsOne(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*httptest.Server){
		"HTTP/1":     (*httptest.Server).Start,
		"HTTP/1 TLS": (*httptest.Server).StartTLS,
		"HTTP/2":     func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
	} {
		for _, behaviour := range []string{"", "close", "hints"} {
			t.Run(name+" "+behaviour, func(t *testing.T) {
				t.Parallel()
				s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					switch behaviour {
					case "close":
						w.Header().Set("Connection", "close")
					case "hints":
						w.WriteHeader(http.StatusEarlyHints)
					}
					_, _ = io.Copy(io.Discard, r.Body)
					w.WriteHeader(http.StatusCreated)
				}))
				start(s)
				t.Cleanup(s.Close)
				c := clientOf(t, s.URL)
				for _, size := range []int64{1, 1000, 40 << 10, 1 << 20, 5 << 20} {
					for range 10 {
						a, e := c.Do(t.Context(), Request{
							Method: http.MethodPost, URL: s.URL, Content: zeroContent(size),
						})
						require.Nil(t, e, fmt.Sprint(size, e))
						assert.Equal(t, 1, a.Attempts)
						assert.Equal(t, size, a.Sent)
					}
				}
			})
		}
	}
}

// TestSuccessBeforeTheWholeBodyIsNoneOverHTTP2 knows of what the receiver's window holds back.
func TestSuccessBeforeTheWholeBodyIsNoneOverHTTP2(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	c := clientOf(t, s.URL)
	for _, size := range []int64{4 << 20, 60 << 20} {
		_, e := c.attempt(t.Context(), Request{
			Method: http.MethodPost, URL: s.URL, Content: zeroContent(size),
		}, time.Minute)
		require.NotNil(t, e, "%d bytes", size)
		assert.Contains(t, e.Error(), "before it had the whole body")
	}
}

// TestDoGoesOnUntilTheWholeBodyIsTaken does not count what was not.
func TestDoGoesOnUntilTheWholeBodyIsTaken(t *testing.T) {
	t.Parallel()
	c := clientOf(t, hasty(t, false, false, created))
	c.grace = time.Minute // the machine may be busy
	a, e := c.Do(t.Context(), Request{
		Method: http.MethodPost, URL: c.at, Content: zeroContent(100 << 10),
		Retry: RetryPolicy{First: time.Millisecond, Most: 5 * time.Millisecond, Within: time.Second},
	})
	require.NotNil(t, e)
	assert.Equal(t, Unavailable, e.Kind)
	require.ErrorIs(t, e, errNoTime)
	assert.Contains(t, e.Error(), "201 Created before it had the whole body")
	assert.Zero(t, a.Status)
	assert.Positive(t, a.Attempts)
}
