package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http/httptrace"
	"time"
)

// stall is the error of a peer that made no progress for so long.
type stall time.Duration

// Error tells how long it was.
func (s stall) Error() string {
	return fmt.Sprintf("no progress for %v", time.Duration(s))
}

// Timeout makes it a timeout in the sense of net.Error.
func (stall) Timeout() bool { return true }

// isStall reports that a peer made no progress for too long.
func isStall(err error) bool {
	var s stall
	return errors.As(err, &s)
}

// stallWatch ends an attempt after a time without progress, however long the attempt itself may take. Progress is a name
// resolved, a connection made, a piece of the body taken by the network or a piece of the answer read.
type stallWatch struct {
	ctx    context.Context //nolint:containedctx // whose cause tells whether the watch ended it
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

// watchStall returns a context for one attempt, which ends when nothing has moved for the limit. The watch must be stopped.
func watchStall(ctx context.Context, limit time.Duration) (context.Context, *stallWatch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &stallWatch{ctx: ctx, limit: limit, cancel: cancel}
	w.timer = time.AfterFunc(limit, func() { cancel(stall(limit)) })
	return httptrace.WithClientTrace(ctx, w.trace()), w
}

// explain returns the stall in place of an error that it caused.
func (w *stallWatch) explain(err error) error {
	if cause := context.Cause(w.ctx); isStall(cause) {
		return cause
	}
	return err
}

// progress notes that something moved.
func (w *stallWatch) progress() { w.timer.Reset(w.limit) }

// stop releases the attempt's connection if the answer was not read to its end.
func (w *stallWatch) stop() {
	w.cancel(nil)
	w.timer.Stop()
}

func (w *stallWatch) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSDone:              func(httptrace.DNSDoneInfo) { w.progress() },
		ConnectDone:          func(string, string, error) { w.progress() },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { w.progress() },
		GotConn:              func(httptrace.GotConnInfo) { w.progress() },
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.progress() },
		GotFirstResponseByte: w.progress,
	}
}

// reader reports every read from r as progress.
func (w *stallWatch) reader(r io.Reader) io.Reader { return progressReader{r, w} }

type progressReader struct {
	io.Reader
	watch *stallWatch
}

// Read implements io.Reader.
func (r progressReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.watch.progress()
	return n, err
}
