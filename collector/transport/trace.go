package transport

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// path is what happened on the way to somebody. Of several attempts the last counts.
type path struct {
	addresses []string             // that the name stands for; empty where an address was given
	connected string               // the address, empty without a connection
	took      time.Duration        // to connect
	tls       *tls.ConnectionState // nil without one
	answered  time.Duration        // from the request to the first byte of the answer
}

// trace notes a path, as net/http tells it.
type trace struct {
	mu    sync.Mutex
	path  path
	began time.Time // to connect
	asked time.Time
}

// noted is what was noted so far.
func (t *trace) noted() path {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.path
}

// follow returns a context whose requests are noted.
func (t *trace) follow(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSDone:      func(i httptrace.DNSDoneInfo) { t.note(func() { t.path.addresses = addressesOf(i) }) },
		ConnectStart: func(string, string) { t.note(func() { t.began = time.Now() }) },
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				t.note(func() { t.path.connected, t.path.took = address, time.Since(t.began) })
			}
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err == nil {
				t.note(func() { t.path.tls = &state })
			}
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.note(func() { t.asked = time.Now() }) },
		GotFirstResponseByte: func() { t.note(func() { t.path.answered = time.Since(t.asked) }) },
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
func (t *trace) note(write func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	write()
}
