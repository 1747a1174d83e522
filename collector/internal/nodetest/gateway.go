//go:build linux

package nodetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync/atomic"
)

// Gateway forwards connections from the address of the Service "kubernetes" to
// the API server. It knows nothing of TLS, and stands for a network that works,
// or that does not.
type Gateway struct {
	listener net.Listener
	target   string
	allowed  atomic.Int64 // bytes that a new connection may bring from the API server; 0 is no limit
	stalled  atomic.Int64 // connections that have brought them
}

// openGateway forwards from one address to another until ctx ends.
func openGateway(ctx context.Context, from, target string) (*Gateway, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", from)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	g := &Gateway{listener: listener, target: target}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	go g.serve(ctx)
	return g, nil
}

// StallAfter makes each connection from now on fall silent, without an error,
// once so many bytes have come from the API server.
func (g *Gateway) StallAfter(bytes int64) { g.allowed.Store(bytes) }

// Stalled says how many connections have fallen silent.
func (g *Gateway) Stalled() int64 { return g.stalled.Load() }

// Flow ends StallAfter, for new connections.
func (g *Gateway) Flow() { g.allowed.Store(0) }

func (g *Gateway) serve(ctx context.Context) {
	for {
		client, err := g.listener.Accept()
		if err != nil {
			return
		}
		go g.forward(ctx, client)
	}
}

// forward copies both ways until either side is done.
func (g *Gateway) forward(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	var dialer net.Dialer
	server, err := dialer.DialContext(ctx, "tcp", g.target)
	if err != nil {
		return // the client sees its connection closed, as without a gateway
	}
	defer func() { _ = server.Close() }()
	allowed := g.allowed.Load()
	done := make(chan struct{}, 2)
	go func() {
		_, _ = io.Copy(server, client)
		done <- struct{}{}
	}()
	go func() {
		if allowed > 0 {
			_, _ = io.CopyN(client, server, allowed)
			g.stalled.Add(1)
			return // and leave the connection as it is
		}
		_, _ = io.Copy(client, server)
		done <- struct{}{}
	}()
	<-done
}
