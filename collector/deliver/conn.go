package deliver

import (
	"context"
	"errors"
	"net"
	"syscall"
)

// dialer connects so that early answers are heard.
//
// A server may answer before it has read a body (401, 413) and close. The rest of the body then meets a reset
// connection, and net/http reports that write error in place of the answer (golang.org/issue/11745), so that a clear
// refusal would be taken for a network error and tried again. Since what the server said is still in the receive
// queue, earlyConn lets such writes pass, as if the network had swallowed the bytes: reading finds the answer, or
// the same error.
func dialer(d *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return earlyConn{c}, nil
	}
}

type earlyConn struct{ net.Conn }

// Write implements net.Conn.
func (c earlyConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return len(p), nil
	}
	return n, err
}
