// Command receiver plays Anchore Enterprise for the demo and the benchmarks.
//
// The first line on stdout is its URL. Each request makes a line on stderr. GET /_accepted answers what was taken in so
// far, as JSON, to anybody. SIGTERM and SIGINT stop it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"stocktake/collector/internal/anchoretest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "receiver:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	s.options.OnRequest = func(q anchoretest.Request) { logRequest(stderr, q) }
	receiver := anchoretest.New(s.options)
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "http://%s%s\n", listener.Addr(), s.options.BasePath)
	return serve(ctx, listener, receiver)
}

// serve returns once ctx has ended and the connections are closed.
func serve(ctx context.Context, listener net.Listener, receiver *anchoretest.Receiver) error {
	server := &http.Server{Handler: withSummary(receiver), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() {
		receiver.Close()
		_ = server.Close()
	})()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func logRequest(w io.Writer, q anchoretest.Request) {
	fmt.Fprintf(w, "%s %s %d encoding=%q raw=%d decoded=%d account=%q user=%q %s\n",
		q.Method, q.Path, q.Status, q.Encoding, q.RawBytes, q.DecodedBytes, q.Account, q.User, q.Reason)
}
