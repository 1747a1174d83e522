package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
)

// dialer connects so that early answers are heard.
//
// A server may answer before it has read a body (401, 413) and close. The rest of the body then meets a reset
// connection, and net/http reports that write error in place of the answer (golang.org/issue/11745), so that a clear
// refusal would be taken for a network error and tried again. Since what the server said is still in the receive
// queue, earlyConn lets such writes pass, as if the network had swallowed the bytes: reading finds the answer, or
// the same error. It remembers that it did, because an answer of success then is none: see departure.
func dialer(d *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &earlyConn{Conn: c}, nil
	}
}

type earlyConn struct {
	net.Conn
	begun atomic.Int64 // bytes that were to be written, counted before they are
	lost  atomic.Bool  // some of them were swallowed
}

// Write implements net.Conn.
func (c *earlyConn) Write(p []byte) (int, error) {
	c.begun.Add(int64(len(p)))
	n, err := c.Conn.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		c.lost.Store(true)
		return len(p), nil
	}
	return n, err
}

// Read implements net.Conn. After a reset nobody can tell any more what was taken.
func (c *earlyConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, syscall.ECONNRESET) {
		c.lost.Store(true)
	}
	return n, err
}

// state is what the operating system knows of a connection.
type state struct {
	unsent int // bytes that the other side has not acknowledged
	reset  bool
	ended  bool // the other side sends no more
}

// The states of a TCP connection that matter, of enum tcp_state in the kernel's net/tcp_states.h.
const (
	tcpClose     = 7
	tcpCloseWait = 8
)

// state is not ok where the system does not tell.
func (c *earlyConn) state() (s state, ok bool) {
	tcp, isTCP := c.Conn.(*net.TCPConn)
	if !isTCP {
		return state{}, false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return state{}, false
	}
	err = raw.Control(func(fd uintptr) {
		unsent, phase, known := socketState(int(fd))
		s, ok = state{unsent, phase == tcpClose, phase == tcpCloseWait}, known
	})
	return s, ok && err == nil
}

// earlyConnOf is the connection below TLS, of which there are two layers to a proxy that speaks TLS itself; nil for one
// that was not made by dialer.
func earlyConnOf(c net.Conn) *earlyConn {
	for {
		switch below := c.(type) {
		case *earlyConn:
			return below
		case *tls.Conn:
			c = below.NetConn()
		default:
			return nil
		}
	}
}

// speaksHTTP2 says whether several requests share the connection.
func speaksHTTP2(c net.Conn) bool {
	secured, ok := c.(*tls.Conn)
	return ok && secured.ConnectionState().NegotiatedProtocol == "h2"
}
