package deliver

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stocktake/collector/payload"
)

// TestSuccessBeforeTheWholeBodyIsNone has a receiver that says 201 as soon as it
// has the header, and reads nothing. A body of sixty megabytes does not fit into
// the buffers of a connection, so that it is known not to have arrived.
func TestSuccessBeforeTheWholeBodyIsNone(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = c.Write([]byte("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
		time.AfterFunc(100*time.Millisecond, func() { _ = c.Close() })
	}))
	server.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if tcp, ok := c.(*net.TCPConn); ok && s == http.StateNew {
			_ = tcp.SetReadBuffer(4 << 10)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := newClientOf(t, server.URL, func(o *AnchoreOptions) { o.APIVersion, o.Compression = "v2", "none" })
	c.courier.pace.within = time.Second
	_, err := c.deliver(newBody(t, payload.Anchore, 100_000))
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "201 Created before it had the whole body")
}
