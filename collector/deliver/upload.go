package deliver

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// content is a body in one encoding. It can be opened for every attempt, and gives the same bytes each time.
type content struct {
	encoding string
	size     int64
	open     func() io.ReadCloser
}

// upload is one attempt to send a content. The transport reads it on goroutines of its own, which may outlive the
// answer, and may ask for readers that it never reads or closes (it does for a redirect that is not followed). So a
// reader opens the content when it is first read, and the end of the attempt closes them all.
type upload struct {
	content  content
	progress func()
	sent     atomic.Int64 // bytes of the body that the network took

	mu    sync.Mutex // also keeps Read and Close apart: HTTP/2 closes a body that it is still reading
	open  []*uploadReader
	ended bool
	fault error
}

// reader gives the content from its start once more: the transport follows a redirect, or replays a request on a new
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
		r.body = u.content.open()
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
