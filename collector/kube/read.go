package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"stocktake/collector/inventory"
)

// Read reads every object of the resources that somebody wants, each resource once,
// however many want it.
//
// The objects of all namespaces come as one chain of pages. A namespace in which an
// object cannot be read ends with a gap, and so does the one in which the listing
// fails, whose error is returned; namespaces that ended without a gap are whole, those
// after a failure never came. A namespace of which a part was read at one moment and
// the rest at a later one is read again on its own, up to three times, and then is a
// gap. An error that is [ErrUnordered] asks to read by name, with sinks that know of
// nothing yet.
//
// By name, a namespace that cannot be read ends with a gap and the next one follows;
// every other one ends without, whether it has objects or not. When not a single
// namespace could be read, the first reason is the error. Of namespaces themselves each
// is asked for by its name: one that does not exist, that may not be read or cannot be
// is a gap, and when not one of them may be read the first refusal is the error.
//
// Resources without namespaces are read as a whole, whatever the scope. One that cannot
// be read ends with a gap, and an object that cannot be read is a gap of its own.
//
// What failed for one resource does not keep the others from being read; the error tells
// all of it. A context that ends, and an error of a sink, end no namespace and the whole
// reading.
func (c *Cluster) Read(ctx context.Context, s Scope, wants []Want) (inventory.Outcome, error) {
	var outcome inventory.Outcome
	var errs []error
	for i, of := range together(wants) {
		if of.Resource == Namespaces() {
			of.sinks = append(of.sinks, &c.listed) // after those who may find that it cannot be read
		}
		r := &reading{c: c, scope: s, of: of, sum: inventory.Listing{Consistency: inventory.Snapshot}}
		err := r.read(ctx)
		outcome.Gaps = append(outcome.Gaps, r.gaps...)
		errs = append(errs, err)
		if i == 0 {
			outcome.Listing = r.sum
		} else {
			outcome.Listing.Add(r.sum)
		}
		if r.ended || ctx.Err() != nil {
			break
		}
	}
	err := errors.Join(errs...)
	outcome.Listed = err == nil && !s.ByName
	outcome.Complete = err == nil && len(outcome.Gaps) == 0
	return outcome, err
}

// reading is the reading of one resource.
type reading struct {
	c     *Cluster
	scope Scope
	of    *wanted
	again []string // namespaces to read again, because they were read in parts
	gaps  []inventory.Gap
	sum   inventory.Listing
	ended bool // by a sink, so that nothing else is read
}

func (r *reading) read(ctx context.Context) error {
	switch {
	case r.scope.ByName && r.of.Resource == Namespaces():
		return r.namespacesByName(ctx)
	case !r.of.Namespaced:
		return r.ofCluster(ctx)
	case r.scope.ByName:
		return r.byName(ctx)
	}
	return r.ofAllNamespaces(ctx)
}

// lister reads the objects of a namespace, or all there are.
func (r *reading) lister(namespace string) *lister {
	l := r.c.lister(r.of.Resource, namespace)
	l.whole, l.selector = r.of.whole, r.scope.Labels.String()
	return l
}

// ofCluster reads objects without namespaces. They are few, so that to remember each is
// no matter, and no order needs to be relied on. A page that is read again at a later
// moment adds what is new.
func (r *reading) ofCluster(ctx context.Context) error {
	l := r.c.lister(r.of.Resource, "")
	l.whole = r.of.whole
	g := &grouping{of: r.of, order: remembering()}
	err := l.read(ctx, g)
	r.sum, r.gaps, r.ended = l.listing(g), g.odd, g.failed != nil
	var gap *inventory.Gap
	switch {
	case r.ended || ctx.Err() != nil:
		return err
	case err != nil:
		gap = r.of.gap("", err)
	case len(g.odd) > 0:
		gap = &g.odd[0]
	}
	failed := r.of.End("", gap)
	r.ended = failed != nil
	return errors.Join(err, failed)
}

// ofAllNamespaces reads the objects of all namespaces in one listing.
func (r *reading) ofAllNamespaces(ctx context.Context) error {
	l, g := r.lister(""), r.grouping("")
	g.end = func(p current) error { return r.end(ctx, p) }
	err := l.read(ctx, g)
	r.sum, r.ended = l.listing(g), g.failed != nil
	if err == nil {
		return r.readAgain(ctx)
	}
	if r.ended || ctx.Err() != nil || !g.opened {
		return err
	}
	if (g.order.descending || g.order.straddles()) && !errors.Is(err, ErrUnordered) {
		err = fmt.Errorf("%w (%w, so that namespaces may lack %s)", err, ErrUnordered, r.of.name())
	}
	failed := r.of.End(g.namespace, r.of.gap(g.namespace, err))
	r.ended = failed != nil
	return errors.Join(err, failed)
}

// grouping takes the objects of one listing, which may be that of one namespace only.
func (r *reading) grouping(only string) *grouping {
	return &grouping{of: r.of, order: newSequence(), only: only}
}

// end passes on the end of a namespace in the listing of all.
func (r *reading) end(ctx context.Context, p current) error {
	if p.gap == nil && !p.divided {
		gap, err := r.remade(ctx, p)
		if err != nil {
			return err
		}
		p.gap = gap
	}
	switch {
	case p.gap != nil:
		r.gaps = append(r.gaps, *p.gap)
	case p.divided:
		p.gap = r.dividedGap(p.namespace)
		if r.scope.matters(p.namespace) {
			r.again = append(r.again, p.namespace)
		}
	}
	return r.of.End(p.namespace, p.gap)
}

// errDivided is why a namespace is read again, or is a gap.
var errDivided = errors.New("they are not of one moment")

// dividedGap is why a sink has to forget a namespace, which is read again or stays a
// gap.
func (r *reading) dividedGap(namespace string) *inventory.Gap {
	return r.of.gap(namespace, fmt.Errorf("%w: its %s changed while they were read: %w", ErrUnavailable, r.of.name(), errDivided))
}

// readAgain reads the namespaces again that were read in parts.
func (r *reading) readAgain(ctx context.Context) error {
	for _, namespace := range r.again {
		if err := r.readNamespace(ctx, namespace, r.lister(namespace)); err != nil {
			return err
		}
	}
	return nil
}

// byName reads the objects of the namespaces one by one. While one is read, the first
// pages of the next few are already on their way.
func (r *reading) byName(ctx context.Context) error {
	w := &window{r: r, ctx: ctx, names: unique(r.scope.Namespaces)}
	defer w.stop()
	for _, namespace := range w.names {
		if err := r.readNamespace(ctx, namespace, w.next()); err != nil {
			return err
		}
	}
	if len(r.gaps) > 0 && len(r.gaps) == len(w.names) {
		return r.gaps[0].Cause
	}
	return nil
}

// mostReadings is how often a namespace is read that was divided every time.
const mostReadings = 3

// readNamespace reads the objects of a namespace and ends it, with a gap or without. The
// error is the end of the run, or that of a sink.
//
// A namespace that was read in parts of several moments is read again, and one in
// another order than expected too, now without relying on it. If tokens expire
// faster than it can be read, three times over, it is a gap: as a whole it would be
// what it never was.
func (r *reading) readNamespace(ctx context.Context, namespace string, l *lister) error {
	g := r.grouping(namespace)
	for reading := 1; ; reading++ {
		err := l.read(ctx, g)
		if err != nil && (g.failed != nil || ctx.Err() != nil) {
			r.sum.Add(l.listing(g))
			r.ended = true
			return err
		}
		gap := g.gap
		if err != nil {
			gap = r.of.gap(namespace, err)
		}
		divided := err == nil && g.gap == nil && g.divided
		again := (divided || errors.Is(err, ErrUnordered)) && reading < mostReadings
		if divided || again {
			gap = r.dividedGap(namespace)
			g.discarded = g.order.taken
		}
		r.sum.Add(l.listing(g))
		if gap, err = r.endNamed(ctx, current{namespace: namespace, oldest: g.oldest, gap: gap}); err != nil {
			r.ended = true
			return err
		}
		if !again {
			if gap != nil {
				r.gaps = append(r.gaps, *gap)
			}
			return nil
		}
		g, l = r.grouping(namespace), r.lister(namespace)
		g.order = remembering()
	}
}

// endNamed ends a namespace that was read on its own. Without a gap it may be another
// one than was listed, all the same.
func (r *reading) endNamed(ctx context.Context, p current) (_ *inventory.Gap, err error) {
	if p.gap == nil {
		if p.gap, err = r.remade(ctx, p); err != nil {
			return nil, err
		}
	}
	if err := r.of.End(p.namespace, p.gap); err != nil {
		return nil, fmt.Errorf("list %s: %w", r.of.source(p.namespace), err)
	}
	return p.gap, nil
}

// window starts listings ahead of their reader, in order. What is ahead holds
// one page each, which waits in the transport.
type window struct {
	r     *reading
	ctx   context.Context //nolint:containedctx // the one of the reading, for as long as that lasts
	names []string
	begun int
	ahead []*lister
}

// next is the listing of the next namespace; those after it are begun.
func (w *window) next() *lister {
	for w.begun < len(w.names) && len(w.ahead) < w.r.c.opts.workers() {
		l := w.r.lister(w.names[w.begun])
		l.chain = l.follow(w.ctx, "", w.r.c.opts.PagesInFlight-1)
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
