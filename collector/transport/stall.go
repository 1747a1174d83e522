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

// IsStall reports that a peer made no progress for too long.
func IsStall(err error) bool {
	var s stall
	return errors.As(err, &s)
}

// StallWatch ends an attempt after a time without progress, however long the attempt itself may take. Progress is a name
// resolved, a connection made, a piece of the body taken by the network or a piece of the answer read.
type StallWatch struct {
	ctx    context.Context //nolint:containedctx // whose cause tells whether the watch ended it
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

// WatchStall returns a context for one attempt, which ends when nothing has moved for the limit. The watch must be stopped.
func WatchStall(ctx context.Context, limit time.Duration) (context.Context, *StallWatch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &StallWatch{ctx: ctx, limit: limit, cancel: cancel}
	w.timer = time.AfterFunc(limit, func() { cancel(stall(limit)) })
	return httptrace.WithClientTrace(ctx, w.trace()), w
}

// Explain returns the stall in place of an error that it caused.
func (w *StallWatch) Explain(err error) error {
	if cause := context.Cause(w.ctx); IsStall(cause) {
		return cause
	}
	return err
}

// Progress notes that something moved.
func (w *StallWatch) Progress() { w.timer.Reset(w.limit) }

// Stop releases the attempt's connection if the answer was not read to its end.
func (w *StallWatch) Stop() {
	w.cancel(nil)
	w.timer.Stop()
}

func (w *StallWatch) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSDone:              func(httptrace.DNSDoneInfo) { w.Progress() },
		ConnectDone:          func(string, string, error) { w.Progress() },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { w.Progress() },
		GotConn:              func(httptrace.GotConnInfo) { w.Progress() },
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.Progress() },
		GotFirstResponseByte: w.Progress,
	}
}

// Reader reports every read from r as progress.
func (w *StallWatch) Reader(r io.Reader) io.Reader { return progressReader{r, w} }

type progressReader struct {
	io.Reader
	watch *StallWatch
}

// Read implements io.Reader.
func (r progressReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.watch.Progress()
	return n, err
}
