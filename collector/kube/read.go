package kube

import (
	"context"
	"errors"
	"fmt"

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
		r := &reading{c: c, scope: s, of: of, at: c.at, sum: inventory.Listing{Consistency: inventory.Snapshot}}
		err := r.read(ctx)
		of.over(c.ofMoment(r.sum), err)
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

// ofMoment is a listing for those who wanted all of one moment.
func (c *Cluster) ofMoment(l inventory.Listing) inventory.Listing {
	if c.at.missed(l.ResourceVersion) {
		l.Consistency = inventory.Mixed
	}
	return l
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

// ofCluster reads objects without namespaces. They are few, so that to remember each is
// no matter, and no order needs to be relied on. A page that is read again at a later
// moment adds what is new.
func (r *reading) ofCluster(ctx context.Context) error {
	l := r.lister("")
	l.exact = r.at.part()
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
	l.exact = r.at.part()
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

// end passes on the end of a namespace in the listing of all.
func (r *reading) end(ctx context.Context, p current) error {
	if p.gap == nil && !p.divided && r.of.decoded {
		gap, err := r.c.remade(ctx, r.scope, r.of.Resource, p)
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

// readAgain reads the namespaces again that were read in parts.
func (r *reading) readAgain(ctx context.Context) error {
	for _, namespace := range r.again {
		if err := r.readNamespace(ctx, namespace, r.lister(namespace)); err != nil {
			return err
		}
	}
	return nil
}
