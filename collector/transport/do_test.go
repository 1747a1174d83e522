package transport

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// clientUnderTest is a client with the address that it is for.
type clientUnderTest struct {
	*Client

	at string
}

// clientOf returns a client that trusts everybody and waits for nothing for long.
func clientOf(t *testing.T, url string) *clientUnderTest {
	t.Helper()
	c, err := NewClient(Options{
		Security: Security{Insecure: true, URL: "clair.url", Prefix: "clair.http."},
		Agent:    "stocktake/test", Silence: time.Minute,
		Fields: map[string]string{"Authorization": "clair.token"},
	})
	require.NoError(t, err)
	c.grace = 10 * time.Millisecond
	t.Cleanup(c.HTTP.CloseIdleConnections)
	return &clientUnderTest{c, url}
}

// zeroContent may be larger than what fits into the buffers of a connection.
func zeroContent(size int64) *Content {
	return &Content{Encoding: Identity, Size: size, Open: func() io.ReadCloser {
		return io.NopCloser(io.LimitReader(zeros{}, size))
	}}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestDoHearsAnAnswerToABodyThatWasNotRead needs a body that does not fit into the buffers of a connection, so that
// the client is still writing when the server resets the connection.
func TestDoHearsAnAnswerToABodyThatWasNotRead(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*httptest.Server){
		"HTTP/1":     (*httptest.Server).Start,
		"HTTP/1 TLS": (*httptest.Server).StartTLS,
		"HTTP/2":     func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Connection", "close")
				http.Error(w, `{"message":"go away"}`, http.StatusUnauthorized)
			}))
			start(s)
			t.Cleanup(s.Close)
			c := clientOf(t, s.URL)
			for range 20 {
				a, e := c.Do(t.Context(), Request{
					Method: http.MethodPost, URL: s.URL, Content: zeroContent(32 << 20),
				})
				require.NotNil(t, e)
				require.Equal(t, 1, a.Attempts, e.Error())
				assert.Equal(t, http.StatusUnauthorized, e.Status)
				assert.Equal(t, "go away", e.Words)
			}
		})
	}
}

func TestDoHearsAnAnswerOverAResetConnection(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close() //nolint:errcheck // ends the goroutine below
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(conn).ReadString('\n')
			_, _ = io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
			time.Sleep(20 * time.Millisecond)
			_ = conn.Close() // unread bytes make it a reset
		}
	}()
	c := clientOf(t, "http://"+l.Addr().String())
	for range 20 {
		_, e := c.Do(t.Context(), Request{
			Method: http.MethodPost, URL: c.at, Content: zeroContent(32 << 20),
		})
		require.NotNil(t, e)
		assert.Equal(t, http.StatusRequestEntityTooLarge, e.Status, e.Error())
	}
}

func TestDoReportsABrokenBodyAsOurFault(t *testing.T) {
	t.Parallel()
	url := hasty(t, false, true, "")
	c := clientOf(t, url)
	a, e := c.Do(t.Context(), Request{
		Method: http.MethodPost, URL: url,
		Content: &Content{Encoding: Identity, Size: 100, Open: func() io.ReadCloser {
			return io.NopCloser(io.MultiReader(strings.NewReader("{"), brokenDisk{}))
		}},
	})
	require.ErrorIs(t, e, os.ErrPermission)
	assert.Equal(t, Ours, e.Kind)
	require.ErrorContains(t, e, "read the body")
	assert.Equal(t, 1, a.Attempts)
}

type brokenDisk struct{}

func (brokenDisk) Read([]byte) (int, error) { return 0, os.ErrPermission }

func TestUploadIsNotReadAfterItsEnd(t *testing.T) {
	t.Parallel()
	up := &upload{content: *zeroContent(10), progress: func() {}}
	begun, err := up.reader()
	require.NoError(t, err)
	_, err = begun.Read(make([]byte, 1))
	require.NoError(t, err)
	fresh, err := up.reader()
	require.NoError(t, err)
	up.end()
	for _, r := range []io.ReadCloser{begun, fresh} {
		_, err = r.Read(make([]byte, 1))
		require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
		require.NoError(t, r.Close())
	}
	assert.NoError(t, up.broken())
}

// A token that the service gave is kept like the secrets that were known before, and by whoever knows it only.
func TestKnowingKeepsMoreSecrets(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no: s3cret-1 t0ken-22", http.StatusForbidden)
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(Options{Agent: "stocktake/test", Silence: time.Minute, Secrets: []string{"s3cret-1"}})
	require.NoError(t, err)
	t.Cleanup(c.HTTP.CloseIdleConnections)
	for client, says := range map[*Client]string{c: "no: [redacted] t0ken-22", c.Knowing("t0ken-22"): "no: [redacted] [redacted]"} {
		_, e := client.Do(t.Context(), Request{Method: http.MethodGet, URL: server.URL})
		require.NotNil(t, e)
		assert.Equal(t, says, e.Words)
	}
}
