package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"stocktake/collector/inventory"
)

// reading is the reading of one resource.
type reading struct {
	c     *Cluster
	scope Scope
	of    *wanted
	again []string // namespaces to read again, because they were read in parts
	gaps  []inventory.Gap
	sum   inventory.Listing
	at    *moment // that of all resources, or of the namespaces that are read by name, when there are several
	ended bool    // by a sink, so that nothing else is read
}

// lister reads the objects of a namespace, or all there are.
func (r *reading) lister(namespace string) *lister {
	l := r.c.lister(r.of.Resource, namespace)
	l.selector, l.fields = r.scope.Labels.String(), r.scope.Fields
	if r.scope.InTurn {
		l.inFlight = 1
	}
	l.accept, l.kind = r.of.form.listed(r.of.Resource)
	if r.of.form != Decoded {
		l.size = newPageSize(r.c.opts.growthOfWhole())
	}
	return l
}

// ahead is how many namespaces are read, or begun, at a time.
func (r *reading) ahead() int {
	if r.scope.InTurn {
		return 1
	}
	return r.c.opts.workers()
}

// grouping takes the objects of one listing, which may be that of one namespace only.
func (r *reading) grouping(only string) *grouping {
	return &grouping{of: r.of, order: newSequence(), only: only}
}

// byName reads the objects of the namespaces one by one. While one is read, the first
// pages of the next few are already on their way.
func (r *reading) byName(ctx context.Context) error {
	w := &window{r: r, ctx: ctx, names: unique(r.scope.Namespaces)}
	if r.at == nil && len(w.names) > 1 {
		r.at = newMoment(false)
	}
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
		l.exact = r.at.again()
	}
}

// endNamed ends a namespace that was read on its own. Without a gap it may be another
// one than was listed, all the same.
func (r *reading) endNamed(ctx context.Context, p current) (_ *inventory.Gap, err error) {
	if p.gap == nil && r.of.decoded {
		if p.gap, err = r.c.remade(ctx, r.scope, r.of.Resource, p); err != nil {
			return nil, err
		}
	}
	if err := r.of.End(p.namespace, p.gap); err != nil {
		return nil, fmt.Errorf("list %s: %w", r.of.source(p.namespace), err)
	}
	return p.gap, nil
}

// errDivided is why a namespace is read again, or is a gap.
var errDivided = errors.New("they are not of one moment")

// dividedGap is why a sink has to forget a namespace, which is read again or stays a
// gap.
func (r *reading) dividedGap(namespace string) *inventory.Gap {
	return r.of.gap(namespace, fmt.Errorf("%w: its %s changed while they were read: %w", ErrUnavailable, r.of.name(), errDivided))
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
	for w.begun < len(w.names) && len(w.ahead) < w.r.ahead() {
		l := w.r.lister(w.names[w.begun])
		l.exact = w.r.at.part()
		l.follow(w.ctx, "", l.inFlight-1)
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

// namespacesByName asks for each of the namespaces by its name, which needs the right
// to get them and no right beyond them.
func (r *reading) namespacesByName(ctx context.Context) error {
	names := unique(r.scope.Namespaces)
	answers, err := r.c.getNamespaces(ctx, names)
	if err != nil {
		return err
	}
	for i, name := range names {
		var gap *inventory.Gap
		err := answers[i].err
		if err == nil {
			err = handed(name, r.of.Object(&answers[i].object))
		}
		switch {
		case err != nil && !ofOneNamespace(err):
			r.ended = true
			return err
		case err != nil:
			gap = gapOfNamespace(name, err)
			r.gaps = append(r.gaps, *gap)
		}
		if err := r.of.End(name, gap); err != nil {
			r.ended = true
			return err
		}
	}
	if len(r.gaps) > 0 && len(r.gaps) == len(names) && !slices.ContainsFunc(r.gaps, missing) {
		return r.gaps[0].Cause
	}
	return nil
}

func missing(gap inventory.Gap) bool { return errors.Is(gap.Cause, ErrNotFound) }

func gapOfNamespace(name string, err error) *inventory.Gap {
	gap := gapOf("namespace "+printable(name), err)
	gap.Namespace = name
	return &gap
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
