package transport

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// Path is what happened on the way to somebody. Of several attempts the last counts.
type Path struct {
	Addresses []string             // that the name stands for; empty where an address was given
	Connected string               // the address, empty without a connection
	Took      time.Duration        // to connect
	TLS       *tls.ConnectionState // nil without one
	Answered  time.Duration        // from the request to the first byte of the answer
}

// Trace notes a path, as net/http tells it.
type Trace struct {
	mu    sync.Mutex
	path  Path
	began time.Time // to connect
	asked time.Time
}

// Path is what was noted so far.
func (t *Trace) Path() Path {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.path
}

// Follow returns a context whose requests are noted.
func (t *Trace) Follow(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSDone:      func(i httptrace.DNSDoneInfo) { t.note(func() { t.path.Addresses = addressesOf(i) }) },
		ConnectStart: func(string, string) { t.note(func() { t.began = time.Now() }) },
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				t.note(func() { t.path.Connected, t.path.Took = address, time.Since(t.began) })
			}
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err == nil {
				t.note(func() { t.path.TLS = &state })
			}
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.note(func() { t.asked = time.Now() }) },
		GotFirstResponseByte: func() { t.note(func() { t.path.Answered = time.Since(t.asked) }) },
	})
}

func addressesOf(i httptrace.DNSDoneInfo) []string {
	var all []string
	for _, a := range i.Addrs {
		all = append(all, a.String())
	}
	return all
}

// note writes under the lock: several addresses are dialled at a time.
func (t *Trace) note(write func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	write()
}
