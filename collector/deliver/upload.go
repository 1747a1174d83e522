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

// upload is one attempt to send a content. The network reads it on goroutines of its own, which may outlive the answer.
type upload struct {
	content  content
	progress func()
	sent     atomic.Int64 // bytes of the body that the network took
	fault    atomic.Pointer[error]
	readers  sync.WaitGroup
}

// reader opens the content once more, when the transport follows a redirect or replays a request on a new connection.
func (u *upload) reader() (io.ReadCloser, error) {
	u.sent.Store(0)
	u.readers.Add(1)
	return &uploadReader{body: u.content.open(), upload: u}, nil
}

// wait returns when nobody reads the content any more: its owner may free it then.
func (u *upload) wait() { u.readers.Wait() }

// broken is the error of the content itself, which no other attempt will mend.
func (u *upload) broken() error {
	if err := u.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// uploadReader lets Read and Close exclude each other: HTTP/2 closes a body that it is still reading.
type uploadReader struct {
	upload *upload
	mu     sync.Mutex
	body   io.ReadCloser // nil once closed
}

// Read implements io.Reader.
func (r *uploadReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.body == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := r.body.Read(p)
	r.upload.sent.Add(int64(n))
	r.upload.progress()
	if err != nil && !errors.Is(err, io.EOF) {
		r.upload.fault.CompareAndSwap(nil, &err)
	}
	return n, err
}

// Close implements io.Closer. The transport calls it at least once, and from any goroutine.
func (r *uploadReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.body == nil {
		return nil
	}
	body := r.body
	r.body = nil
	defer r.upload.readers.Done()
	return body.Close()
}
