package terminal

import (
	"context"
	"io"
)

// WhileRunning writes to w until ctx ends. Nobody needs to read a pipe, and a write into one that is full waits for ever:
// a pager that was stopped, a FIFO, a program that hangs. The end of ctx ends the wait, and its cause is the error of
// this and every later write. What was being written then may arrive in part.
func WhileRunning(ctx context.Context, w io.Writer) io.Writer {
	return &whileRunning{ctx, underneath(w)}
}

type whileRunning struct {
	ctx context.Context //nolint:containedctx // a writer has no other way to hear of it
	out io.Writer
}

// underneath is what is really written to, which may be a terminal.
func underneath(w io.Writer) io.Writer {
	switch w := w.(type) {
	case *whileRunning:
		return w.out
	case *Stderr:
		return w.out
	}
	return w
}

// Write implements io.Writer. A write that does not end is left behind; the process ends soon.
func (w *whileRunning) Write(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	select {
	case result := <-startWriting(w.out, p):
		return result.n, result.err
	case <-w.ctx.Done():
		return 0, context.Cause(w.ctx)
	}
}
