package deliver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http/httptrace"
	"time"
)

// silence is the error of a peer that made no progress for so long.
type silence time.Duration

// Error tells how long it was.
func (s silence) Error() string {
	return fmt.Sprintf("no progress for %v", time.Duration(s))
}

// Timeout makes it a timeout in the sense of net.Error.
func (silence) Timeout() bool { return true }

func isSilence(err error) bool {
	var s silence
	return errors.As(err, &s)
}

// watch ends an attempt after a time without progress, however long the attempt itself may take. Progress is a name
// resolved, a connection made, a piece of the body taken by the network or a piece of the answer read.
type watch struct {
	ctx    context.Context //nolint:containedctx // whose cause tells whether the watch ended it
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

// watched returns a context for one attempt, which ends with the cause silence. The watch must be stopped.
func watched(ctx context.Context, limit time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{ctx: ctx, limit: limit, cancel: cancel}
	w.timer = time.AfterFunc(limit, func() { cancel(silence(limit)) })
	return httptrace.WithClientTrace(ctx, w.trace()), w
}

// explain returns the silence in place of an error that it caused.
func (w *watch) explain(err error) error {
	if cause := context.Cause(w.ctx); isSilence(cause) {
		return cause
	}
	return err
}

func (w *watch) progress() { w.timer.Reset(w.limit) }

// stop releases the attempt's connection if the answer was not read to its end.
func (w *watch) stop() {
	w.cancel(nil)
	w.timer.Stop()
}

func (w *watch) trace() *httptrace.ClientTrace {
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
func (w *watch) reader(r io.Reader) io.Reader { return heard{r, w} }

type heard struct {
	io.Reader
	watch *watch
}

// Read implements io.Reader.
func (h heard) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	h.watch.progress()
	return n, err
}
