package kubeconfig

import (
	"bufio"
	"context"
	"net"
	"time"
)

// readAhead is how much is taken from a connection at once, in bytes, if it is there.
const readAhead = 64 << 10

// dial connects as client-go does by itself, and reads ahead.
//
// An API server writes the objects of a list one by one, each in a TLS record or two of its
// own (it streams lists since Kubernetes 1.33). crypto/tls reads the head of each record
// from the connection and then the rest, so that a page of 500 pods would be some
// thousands of system calls.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return readingAhead(conn), nil
}

func readingAhead(conn net.Conn) net.Conn {
	return &aheadConn{Conn: conn, ahead: bufio.NewReaderSize(conn, readAhead)}
}

// aheadConn is a connection that is read in large pieces.
type aheadConn struct {
	net.Conn

	ahead *bufio.Reader
}

// Read reads what was taken from the connection before, or takes more.
func (c *aheadConn) Read(p []byte) (int, error) { return c.ahead.Read(p) }
