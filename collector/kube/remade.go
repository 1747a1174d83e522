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

// remember notes the UIDs of namespaces.
func (l *listed) remember(all []inventory.Namespace) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.uids == nil {
		l.uids = make(map[string]string, len(all))
	}
	for _, ns := range all {
		l.uids[ns.Name] = ns.UID
	}
}

// uid is that of a namespace, if it was listed.
func (l *listed) uid(name string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	uid, ok := l.uids[name]
	return uid, ok
}

// remade is the gap of a namespace that is not the one that was listed any more. Of its
// pods the oldest was made at the time that is given, 0 where that is not known.
func (r *podReader) remade(ctx context.Context, namespace string, oldest seconds) (*inventory.Gap, error) {
	before, known := r.c.listed.uid(namespace)
	if !known || int64(oldest) <= r.c.listed.since.Load() || !r.c.opts.selects(namespace) {
		return nil, nil
	}
	now, exists, err := r.c.NamespaceFoundLater(ctx, namespace)
	switch {
	case ctx.Err() != nil:
		return nil, transport.Ended(ctx)
	case err != nil:
		return podsGap(namespace, fmt.Errorf("whether it is still the namespace that was listed, all its pods being new: %w", err)), nil
	case exists && now.UID == before:
		return nil, nil
	}
	return podsGap(namespace, fmt.Errorf("%w: the namespace was deleted, or deleted and made again, while the cluster was read: its pods may be those of another one", ErrUnavailable)), nil
}
