package faultproxy

import (
	"io"
	"net/http"
	"strconv"
)

// Fault breaks one request: it wraps the handler that would have answered.
type Fault func(next http.Handler) http.Handler

// Pass breaks nothing.
func Pass(next http.Handler) http.Handler { return next }

// Answer answers in the place of the API server.
func Answer(code int, contentType, body string) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		})
	}
}

// Redirect sends the client elsewhere, as a login page of a proxy would.
func Redirect(location string) Fault {
	return func(http.Handler) http.Handler { return http.RedirectHandler(location, http.StatusTemporaryRedirect) }
}

// Busy answers as priority and fairness does: 429, come back in some seconds.
func Busy(seconds int) Fault {
	return BusyUntil(func(h http.Header) { h.Set("Retry-After", strconv.Itoa(seconds)) })
}

// BusyUntil does the same, and says when to come back with headers of its own.
func BusyUntil(later func(http.Header)) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			later(w.Header())
			http.Error(w, "Too many requests, please try again later.", http.StatusTooManyRequests)
		})
	}
}

// Down answers as a load balancer without a backend does.
func Down() Fault {
	return Answer(http.StatusServiceUnavailable, "text/html", "<html>no backend</html>")
}

// Do calls the function and then passes the request on.
func Do(f func()) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f()
			next.ServeHTTP(w, r)
		})
	}
}

// Hang never answers.
func Hang(http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stall(r) })
}

// CutAfter breaks the connection after so many bytes of the answer.
func CutAfter(bytes int) Fault {
	return After(bytes, func(*http.Request) { panic(http.ErrAbortHandler) })
}

// StallAfter sends so many bytes of the answer and then nothing, for as long as
// the client waits.
func StallAfter(bytes int) Fault {
	return After(bytes, stall)
}

// stall waits until the client gives up. It sends nothing after that either:
// a client that is about to close would still read it.
func stall(r *http.Request) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// TruncateAfter ends the answer after so many bytes, as if it were whole.
func TruncateAfter(bytes int) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&truncated{ResponseWriter: w, left: bytes}, r)
		})
	}
}

// truncated drops what is written beyond a number of bytes.
type truncated struct {
	http.ResponseWriter
	left int
}

// WriteHeader hides how long the answer should have been.
func (t *truncated) WriteHeader(code int) {
	t.Header().Del("Content-Length")
	t.ResponseWriter.WriteHeader(code)
}

// Write says that all was written, and writes what is left to write.
func (t *truncated) Write(b []byte) (int, error) {
	kept := min(len(b), t.left)
	t.left -= kept
	if n, err := t.ResponseWriter.Write(b[:kept]); err != nil {
		return n, err
	}
	return len(b), nil
}

// Unwrap lets http.ResponseController flush.
func (t *truncated) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// After calls the function once, when so many bytes of the answer were sent.
func After(bytes int, f func(*http.Request)) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&tap{ResponseWriter: w, left: bytes, then: func() { f(r) }}, r)
		})
	}
}

// tap counts what is written, and acts at the right byte.
type tap struct {
	http.ResponseWriter
	left int
	then func()
}

// Write sends up to the byte in question, acts, and sends the rest.
func (t *tap) Write(b []byte) (int, error) {
	if t.then == nil || len(b) < t.left {
		t.left -= len(b)
		return t.ResponseWriter.Write(b)
	}
	n, err := t.ResponseWriter.Write(b[:t.left])
	if err != nil {
		return n, err
	}
	if err := http.NewResponseController(t.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	then := t.then
	t.then = nil
	then()
	more, err := t.ResponseWriter.Write(b[n:])
	return n + more, err
}

// Unwrap lets http.ResponseController flush.
func (t *tap) Unwrap() http.ResponseWriter { return t.ResponseWriter }
