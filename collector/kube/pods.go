package kube

import (
	"context"
	"errors"
	"fmt"

	"stocktake/collector/inventory"
)

// Pods visits all pods of the cluster, as one chain of pages. A namespace in
// which a pod cannot be read ends with a gap, and so does the one in which the
// listing fails, whose error is returned; namespaces that ended without a gap are
// whole, those after a failure never came. A context that ends, and an error of
// the visitor, end no namespace.
//
// A namespace of which a part was read at one moment and the rest at a later one
// is read again on its own, up to three times, and then is a gap.
//
// An error that is [ErrUnordered] asks for PodsIn, with a visitor that knows of
// nothing yet.
func (c *Cluster) Pods(ctx context.Context, v inventory.Visitor) (inventory.Listing, error) {
	reader := newPodReader(c, v)
	s := reader.sink(ctx, "")
	listing, err := c.list(ctx, c.podLister("", "pods"), s)
	if err == nil {
		err = reader.readAgain(ctx, &listing)
	} else if reader.failed == nil && ctx.Err() == nil && s.opened {
		if (s.order.descending || s.order.straddles()) && !errors.Is(err, ErrUnordered) {
			err = fmt.Errorf("%w (%w, so that namespaces may lack pods)", err, ErrUnordered)
		}
		err = errors.Join(err, v.End(s.namespace, podsGap(s.namespace, err)))
	}
	listing.Gaps = reader.gaps
	return listing, err
}

// gapOf is the hole that a failure leaves.
func gapOf(source string, err error) inventory.Gap {
	return inventory.Gap{Source: source, Reason: err.Error(), Cause: err}
}

// podReader decodes pods for a visitor.
type podReader struct {
	c       *Cluster
	visitor inventory.Visitor
	builder *builder
	record  podRecord
	failed  error    // what the visitor said
	parts   []string // namespaces to read again
	gaps    []inventory.Gap
}

func newPodReader(c *Cluster, v inventory.Visitor) *podReader {
	return &podReader{c: c, visitor: v, builder: newBuilder(c.opts.OfPods).of(c.known)}
}

// sink takes the pods of one listing, which may be that of one namespace only.
func (r *podReader) sink(ctx context.Context, only string) *sink {
	s := &sink{record: &r.record, order: newSequence(), only: only, hand: r.visit}
	s.odd = s.oddPod
	if only == "" {
		s.end = func(e reading) error { return r.end(ctx, e) }
	}
	return s
}

func (r *podReader) visit() error {
	r.failed = r.visitor.Pod(r.builder.build(&r.record))
	return r.failed
}

// end passes on the end of a namespace in the listing of all.
func (r *podReader) end(ctx context.Context, e reading) error {
	if e.gap == nil && !e.parts {
		gap, err := r.remade(ctx, e.namespace, e.oldest)
		if err != nil {
			return err
		}
		e.gap = gap
	}
	switch {
	case e.gap != nil:
		r.gaps = append(r.gaps, *e.gap)
	case e.parts:
		e.gap = partsOf(e.namespace)
		if r.c.opts.selects(e.namespace) {
			r.parts = append(r.parts, e.namespace)
		}
	}
	r.failed = r.visitor.End(e.namespace, e.gap)
	return r.failed
}

// errParts is why the visitor has to forget a namespace, which is read again or
// stays a gap.
var errParts = fmt.Errorf("%w: its pods changed while they were read: they are not of one moment", ErrUnavailable)

func partsOf(namespace string) *inventory.Gap { return podsGap(namespace, errParts) }

// podsGap is the gap that the pods of a namespace leave.
func podsGap(namespace string, err error) *inventory.Gap {
	gap := gapOf(sourceOf(namespace), err)
	gap.Namespace = namespace
	return &gap
}

// readAgain reads the namespaces again that were read in parts.
func (r *podReader) readAgain(ctx context.Context, sum *inventory.Listing) error {
	for _, namespace := range r.parts {
		l := r.c.podLister(namespace, sourceOf(namespace))
		gap, err := r.readNamespace(ctx, namespace, l, sum)
		if err != nil {
			return err
		}
		if gap != nil {
			r.gaps = append(r.gaps, *gap)
		}
	}
	return nil
}
