package deliver

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// journey is what happened on the way to a receiver, as net/http tells it. Of
// several attempts the last counts.
type journey struct {
	mu        sync.Mutex
	addresses []string // that the name stands for; empty where an address was given
	connected string
	took      time.Duration // to connect
	began     time.Time
	tls       *tls.ConnectionState
	asked     time.Time
	answered  time.Duration // from the request to the first byte of the answer
}

func (j *journey) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			j.note(func() {
				j.addresses = nil
				for _, a := range i.Addrs {
					j.addresses = append(j.addresses, a.String())
				}
			})
		},
		ConnectStart: func(string, string) { j.note(func() { j.began = time.Now() }) },
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				j.note(func() { j.connected, j.took = address, time.Since(j.began) })
			}
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err == nil {
				j.note(func() { j.tls = &state })
			}
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { j.note(func() { j.asked = time.Now() }) },
		GotFirstResponseByte: func() { j.note(func() { j.answered = time.Since(j.asked) }) },
	}
}

// note writes under the lock: several addresses are dialled at a time.
func (j *journey) note(write func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	write()
}
