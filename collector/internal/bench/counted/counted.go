// Package counted counts what the clients of the benchmark exchange with the API server.
package counted

import (
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
)

// Counts are requests, and the bytes of their answers as they are read. Several
// transports may share them.
type Counts struct {
	requests atomic.Int64
	bytes    atomic.Int64
}

// Wrap puts the count in front of another transport; rest.Config.Wrap takes it.
func (c *Counts) Wrap(next http.RoundTripper) http.RoundTripper {
	return transport{next, c}
}

// MarshalJSON writes what was counted, as the benchmark reads it.
func (c *Counts) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]int64{"requests": c.requests.Load(), "bytes": c.bytes.Load()})
}

type transport struct {
	next   http.RoundTripper
	counts *Counts
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.counts.requests.Add(1)
	resp, err := t.next.RoundTrip(req)
	if err == nil {
		resp.Body = body{resp.Body, &t.counts.bytes}
	}
	return resp, err
}

type body struct {
	io.ReadCloser
	bytes *atomic.Int64
}

func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.bytes.Add(int64(n))
	return n, err
}
