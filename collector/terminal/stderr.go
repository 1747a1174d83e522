package terminal

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"
)

// LastWords is how long a program that was ended may take to say so.
const LastWords = time.Second

// Stderr is standard error of a program that must end in time. Nobody needs to read a pipe, and a terminal may be
// stopped: a line that cannot be written holds the program until its deadline or a signal, and a second longer. Then it
// is left behind, and so is every line after it until the stream takes bytes again.
type Stderr struct {
	out   io.Writer
	ended chan struct{} // closed at the deadline or the signal
	end   func()

	mu   sync.Mutex
	left <-chan written // what comes of the line that was left behind; nil: there is none
}

// written is what came of a write.
type written struct {
	n   int
	err error
}

// NewStderr writes to w. The end of ctx is that of its patience.
func NewStderr(ctx context.Context, w io.Writer) *Stderr {
	ended := make(chan struct{})
	s := &Stderr{out: w, ended: ended, end: sync.OnceFunc(func() { close(ended) })}
	context.AfterFunc(ctx, s.end)
	return s
}

// EndWith ends the patience of standard error with ctx too, which has the deadline that the settings give.
func EndWith(ctx context.Context, stderr io.Writer) {
	if s, ok := stderr.(*Stderr); ok {
		context.AfterFunc(ctx, s.end)
	}
}

// Write implements io.Writer. A line that is left behind is no error: there is nobody to tell it to.
func (s *Stderr) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left != nil {
		select {
		case <-s.left:
			s.left = nil
		default:
			return len(p), nil
		}
	}
	done := startWriting(s.out, p)
	select {
	case result := <-done:
		return result.n, result.err
	case <-s.ended:
	}
	select {
	case result := <-done:
		return result.n, result.err
	case <-time.After(LastWords):
		s.left = done
		return len(p), nil
	}
}

// startWriting writes bytes of its own, because a write cannot be taken back: it may be left behind.
func startWriting(w io.Writer, p []byte) <-chan written {
	own, done := bytes.Clone(p), make(chan written, 1)
	go func() {
		n, err := w.Write(own)
		done <- written{n, err}
	}()
	return done
}
