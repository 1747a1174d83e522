package kube

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/transport"
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

// remade is the gap of a namespace that is not the one that was listed any more.
func (r *reading) remade(ctx context.Context, p current) (*inventory.Gap, error) {
	before, known := r.c.listed.uid(p.namespace)
	if !known || p.oldest <= r.c.listed.since.Load() || !r.scope.matters(p.namespace) {
		return nil, nil
	}
	now := ""
	exists, err := r.c.FindNamespace(ctx, r.scope, r.of.Resource, p.namespace, func(o *wire.Object) error {
		now = wire.Text(o.UID)
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return nil, transport.Ended(ctx)
	case err != nil:
		return r.of.gap(p.namespace, fmt.Errorf("whether it is still the namespace that was listed, all its %s being new: %w", r.of.name(), err)), nil
	case exists && now == before:
		return nil, nil
	}
	return r.of.gap(p.namespace, fmt.Errorf("%w: the namespace was deleted, or deleted and made again, while the cluster was read: its %s may be those of another one", ErrUnavailable, r.of.name())), nil
}
