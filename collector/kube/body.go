package kube

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// errStalled is a server that kept silent for a whole request timeout.
var errStalled = errors.New("no byte for the whole of kubernetes.request-timeout-seconds")

// errTooLong is an answer that was not there as a whole in kubernetes.request-timeout.
var errTooLong = errors.New("not answered in kubernetes.request-timeout")

// body is an answer while it is read. The timeout runs only while a Read
// waits, so that a slow consumer is not mistaken for a stalled server.
type body struct {
	src     io.ReadCloser
	ctx     context.Context //nolint:containedctx // of the request, asked only for the cause of its end
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	whole   *time.Timer // for the request with its answer, nil without a limit
	timeout time.Duration
	bytes   *atomic.Int64
	read    int64                // of them, those of this answer
	header  http.Header          // of the answer
	tls     *tls.ConnectionState // that it came over, nil without TLS
}

// Read fails with errStalled when the server stalls, and with a bodyError when
// the connection breaks.
func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.timeout)
	n, err := b.src.Read(p)
	b.timer.Stop()
	b.bytes.Add(int64(n))
	b.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &bodyError{cause(b.ctx, err)}
	}
	return n, err
}

// Close ends the request, read to its end or not.
func (b *body) Close() error {
	b.timer.Stop()
	b.limit(0)
	b.cancel(nil)
	return b.src.Close()
}

// limit ends the request after some time; 0 takes the limit away.
func (b *body) limit(most time.Duration) {
	if b.whole != nil {
		b.whole.Stop()
	}
	if most > 0 {
		b.whole = time.AfterFunc(most, func() { b.cancel(errTooLong) })
	}
}

// bodyError is an answer that broke off.
type bodyError struct{ cause error }

func (e *bodyError) Error() string { return "the answer broke off: " + e.cause.Error() }
func (e *bodyError) Unwrap() error { return e.cause }

// isCut reports whether an answer broke off, so that asking again may help.
func isCut(err error) bool {
	_, broken := errors.AsType[*bodyError](err)
	return broken || errors.Is(err, io.ErrUnexpectedEOF)
}

// cause prefers the reason why a context was cancelled over the fact.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
