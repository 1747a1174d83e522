package transport

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// The encodings of a body on the wire, in the words of HTTP (RFC 9110 section 8.4.1).
const (
	Gzip     = "gzip"
	Identity = "identity"
)

// Content is a body in one encoding. It can be opened for every attempt, and gives the same bytes each time.
type Content struct {
	Encoding string // Gzip, or Identity
	Size     int64
	Open     func() io.ReadCloser
}

// Bytes is a small body as it is.
func Bytes(text []byte) *Content {
	open := func() io.ReadCloser { return io.NopCloser(bytes.NewReader(text)) }
	return &Content{Encoding: Identity, Size: int64(len(text)), Open: open}
}

// upload is one attempt to send a content. net/http reads it on goroutines of its own, which may outlive the
// answer, and may ask for readers that it never reads or closes (it does for a redirect that is not followed). So a
// reader opens the content when it is first read, and the end of the attempt closes them all.
type upload struct {
	content  Content
	progress func()
	sent     atomic.Int64 // bytes of the body that the network took

	mu    sync.Mutex // also keeps Read and Close apart: HTTP/2 closes a body that it is still reading
	open  []*uploadReader
	ended bool
	fault error
}

// reader gives the content from its start once more: net/http follows a redirect, or replays a request on a new
// connection. It is an http.Request's GetBody.
func (u *upload) reader() (io.ReadCloser, error) {
	u.sent.Store(0)
	return &uploadReader{upload: u}, nil
}

// end makes sure that nobody reads the content any more: its owner may free it then.
func (u *upload) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ended = true
	for _, r := range u.open {
		_ = r.close() // nothing depends on the end of a body that was given up
	}
}

// broken is the error of the content itself, which no other attempt will mend.
func (u *upload) broken() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.fault
}

type uploadReader struct {
	upload *upload
	body   io.ReadCloser // nil before the first Read
	closed bool
}

// Read implements io.Reader.
func (r *uploadReader) Read(p []byte) (int, error) {
	u := r.upload
	u.mu.Lock()
	defer u.mu.Unlock()
	if r.closed || u.ended {
		return 0, http.ErrBodyReadAfterClose
	}
	if r.body == nil {
		r.body = u.content.Open()
		u.open = append(u.open, r)
	}
	n, err := r.body.Read(p)
	u.sent.Add(int64(n))
	u.progress()
	if err != nil && !errors.Is(err, io.EOF) {
		u.fault = err
	}
	return n, err
}

// Close implements io.Closer.
func (r *uploadReader) Close() error {
	r.upload.mu.Lock()
	defer r.upload.mu.Unlock()
	return r.close()
}

// close needs the lock.
func (r *uploadReader) close() error {
	if r.closed || r.body == nil {
		r.closed = true
		return nil
	}
	r.closed = true
	return r.body.Close()
}
