package kube

import (
	"context"
	"errors"
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
func (c *Cluster) PodsIn(ctx context.Context, namespaces []string, v inventory.Visitor) (inventory.Listing, []inventory.Gap, error) {
	w := &window{c: c, ctx: ctx, names: unique(namespaces)}
	defer w.stop()
	reader := newPodReader(c, v)
	sum := inventory.Listing{Consistency: inventory.Snapshot}
	var gaps []inventory.Gap
	for _, namespace := range w.names {
		gap, err := reader.readNamespace(ctx, namespace, w.next(), &sum)
		if err != nil {
			return sum, gaps, err
		}
		if gap != nil {
			gaps = append(gaps, *gap)
		}
	}
	if len(gaps) > 0 && len(gaps) == len(w.names) {
		return sum, gaps, gaps[0].Cause
	}
	return sum, gaps, nil
}

// readNamespace visits the pods of a namespace and ends it, with the gap that it
// returns or without. The error is the end of the run, or the visitor's.
//
// A namespace that was read in parts of several moments is read again, and one in
// another order than expected too, now without relying on it. If tokens expire
// faster than it can be read, three times over, it is a gap: as a whole it would be
// what it never was.
func (r *podReader) readNamespace(ctx context.Context, namespace string, l *lister, sum *inventory.Listing) (*inventory.Gap, error) {
	s := r.sink(ctx, namespace)
	for reading := 1; ; reading++ {
		err := l.read(ctx, s)
		if err != nil && (r.failed != nil || ctx.Err() != nil) {
			sum.Add(l.listing(s))
			return nil, err
		}
		gap := s.gap
		if err != nil {
			gap = podsGap(namespace, err)
		}
		divided := err == nil && s.gap == nil && s.parts
		again := (divided || errors.Is(err, ErrUnordered)) && reading < mostReadings
		if divided || again {
			gap = partsOf(namespace)
			s.discarded = s.order.taken
		}
		sum.Add(l.listing(s))
		if gap, err = r.endNamed(ctx, namespace, s.oldest, gap); err != nil {
			return nil, err
		}
		if !again {
			return gap, nil
		}
		s, l = r.sink(ctx, namespace), r.c.podLister(namespace, sourceOf(namespace))
		s.order = remembering()
	}
}

// endNamed ends a namespace that was read on its own. Without a gap it may be another one
// than was listed, all the same.
func (r *podReader) endNamed(ctx context.Context, namespace string, oldest seconds, gap *inventory.Gap) (_ *inventory.Gap, err error) {
	if gap == nil {
		if gap, err = r.remade(ctx, namespace, oldest); err != nil {
			return nil, err
		}
	}
	if err := r.visitor.End(namespace, gap); err != nil {
		return nil, fmt.Errorf("list %s: %w", sourceOf(namespace), err)
	}
	return gap, nil
}

// mostReadings is how often a namespace is read that was divided every time.
const mostReadings = 3

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
