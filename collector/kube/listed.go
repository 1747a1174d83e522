package kube

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// A namespace that is deleted and made again after it was listed has another UID, and
// its pods do not tell: they would be delivered under the UID of the namespace before.
// No pod outlives its namespace, so this can be only where all of them are younger than
// the first answer of the API server. Such a namespace is asked for once more.

// listed are the namespaces that were listed, and since when pods are young.
type listed struct {
	mu    sync.Mutex
	uids  map[string]string
	since atomic.Int64 // seconds since 1970 by the clock of the server, 0 before its first answer
	skew  atomic.Int64 // nanoseconds that the clock of this machine was ahead of it then
}

// How much older than its Date a first answer is taken to be: the API servers of a
// control plane have a clock each. Without a Date it is the clock of this machine.
const (
	clocksApart      = 10 * time.Second
	clocksApartAtAll = 10 * time.Minute
)

// answered notes when the server answered first.
func (l *listed) answered(h http.Header) {
	if l.since.Load() != 0 {
		return
	}
	since := time.Now().Add(-clocksApartAtAll)
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		since = date.Add(-clocksApart)
		l.skew.Store(int64(time.Since(date).Truncate(time.Second)))
	}
	l.since.CompareAndSwap(0, since.Unix())
}

// Object implements Sink: it notes the UID of a namespace.
func (l *listed) Object(o *wire.Object) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.uids == nil {
		l.uids = map[string]string{}
	}
	l.uids[wire.Text(o.Name)] = wire.Text(o.UID)
	return nil
}

// End implements Sink.
func (l *listed) End(string, *inventory.Gap) error { return nil }

// uid is that of a namespace, if it was listed.
func (l *listed) uid(name string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	uid, ok := l.uids[name]
	return uid, ok
}
