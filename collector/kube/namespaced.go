package kube

import (
	"context"
	"fmt"
	"slices"

	"stocktake/collector/inventory"
)

// PodsIn visits the pods of the given namespaces, in the given order, with one
// listing for each, so that no right beyond those namespaces is needed. While
// one is visited, the first pages of the next few are already on their way.
//
// A namespace that cannot be read ends with a gap and the next one follows;
// every other one ends without, pods or not. When not a single namespace could
// be read, the first reason is the error. The listing sums up all of them, and
// is mixed when they do not belong to one moment.
func (c *Cluster) PodsIn(ctx context.Context, namespaces []string, v Visitor) (inventory.Listing, []inventory.Gap, error) {
	w := &window{c: c, ctx: ctx, names: unique(namespaces)}
	defer w.stop()
	reader := newPodReader(c, v)
	sum := inventory.Listing{Consistency: inventory.Snapshot}
	var gaps []inventory.Gap
	for _, namespace := range w.names {
		s := reader.sink(namespace)
		l := w.next()
		err := l.read(ctx, s)
		add(&sum, l.listing(s))
		if err != nil && (reader.failed != nil || ctx.Err() != nil) {
			return sum, gaps, err
		}
		var gap *inventory.Gap
		if err != nil {
			gaps = append(gaps, gapOf(sourceOf(namespace), err))
			gap = &gaps[len(gaps)-1]
		}
		if err := v.End(namespace, gap); err != nil {
			return sum, gaps, fmt.Errorf("list %s: %w", sourceOf(namespace), err)
		}
	}
	if len(gaps) > 0 && len(gaps) == len(w.names) {
		return sum, gaps, gaps[0].Cause
	}
	return sum, gaps, nil
}

// window starts listings ahead of their reader, in order. What is ahead holds
// one page each, which waits in the transport.
type window struct {
	c     *Cluster
	ctx   context.Context //nolint:containedctx // the one of PodsIn, for as long as that call
	names []string
	begun int
	ahead []*lister
}

// next is the listing of the next namespace; those after it are begun.
func (w *window) next() *lister {
	for w.begun < len(w.names) && len(w.ahead) < w.c.opts.workers() {
		namespace := w.names[w.begun]
		l := w.c.podLister(namespace, sourceOf(namespace))
		l.chain = l.follow(w.ctx, "", w.c.opts.PagesInFlight-1)
		w.ahead = append(w.ahead, l)
		w.begun++
	}
	l := w.ahead[0]
	w.ahead = slices.Delete(w.ahead, 0, 1)
	return l
}

func (w *window) stop() {
	for _, l := range w.ahead {
		l.stop()
	}
}

// add sums up listings of different namespaces.
func add(sum *inventory.Listing, one inventory.Listing) {
	if sum.ResourceVersion == "" {
		sum.ResourceVersion = one.ResourceVersion
	}
	if one.Consistency == inventory.Mixed || one.ResourceVersion != "" && one.ResourceVersion != sum.ResourceVersion {
		sum.Consistency = inventory.Mixed
	}
	sum.Pages += one.Pages
	sum.Items += one.Items
	sum.Repeated += one.Repeated
	sum.Requests += one.Requests
	sum.Throttled += one.Throttled
	sum.Bytes += one.Bytes
}

// unique drops names that were given before.
func unique(names []string) []string {
	var kept []string
	seen := make(map[string]struct{}, len(names))
	for _, name := range names {
		if _, ok := seen[name]; !ok {
			seen[name] = struct{}{}
			kept = append(kept, name)
		}
	}
	return kept
}
