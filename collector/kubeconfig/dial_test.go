package kubeconfig

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// countedConn counts how often it is read.
type countedConn struct {
	net.Conn

	reads *atomic.Int64
}

func (c countedConn) Read(p []byte) (int, error) {
	c.reads.Add(1)
	return c.Conn.Read(p)
}

// TestConnectionIsReadInLargePieces of many records, as an API server writes them, and what
// comes is what was sent.
func TestConnectionIsReadInLargePieces(t *testing.T) {
	t.Parallel()
	const objects, size = 2000, 4500
	object := make([]byte, size)
	for i := range object {
		object[i] = byte(i)
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range objects {
			_, _ = w.Write(object)
		}
	}))
	defer server.Close()
	reads := map[bool]int64{}
	for _, ahead := range []bool{false, true} {
		var count atomic.Int64
		dialer := func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil || !ahead {
				return countedConn{conn, &count}, err
			}
			return readingAhead(countedConn{conn, &count}), nil
		}
		transport := server.Client().Transport.(*http.Transport).Clone() //nolint:forcetypeassert // httptest makes no other
		transport.DialContext = dialer
		resp, err := (&http.Client{Transport: transport}).Get(server.URL) //nolint:noctx // of a test
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Len(t, text, objects*size)
		for i := 0; i < len(text); i += size {
			require.Equal(t, object, text[i:i+size])
		}
		transport.CloseIdleConnections()
		reads[ahead] = count.Load()
	}
	t.Log(reads)
	assert.Less(t, reads[true], reads[false]/2, "%v", reads)
}
