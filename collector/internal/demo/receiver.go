package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"stocktake/collector/internal/anchoretest"
)

// The credentials of the receiver. Whoever reads the demo's output for secrets
// knows what to look for.
const (
	user     = "collector"
	password = "s3cret: #1"
)

// receiver is Anchore Enterprise as far as a collector can tell.
type receiver struct {
	*anchoretest.Receiver

	url    string
	server *http.Server
	ended  chan error
}

// listen starts the receiver on a loopback port.
func listen(ctx context.Context) (*receiver, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	handler := anchoretest.New(anchoretest.Options{Users: map[string]string{user: password}})
	r := &receiver{
		Receiver: handler,
		url:      "http://" + listener.Addr().String(),
		server:   &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute},
		ended:    make(chan error, 1),
	}
	go func() { r.ended <- r.server.Serve(listener) }()

	return r, nil
}

// stop closes the port and all connections.
func (r *receiver) stop() error {
	r.Close()
	err := r.server.Close()
	if ended := <-r.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}

	return err
}
