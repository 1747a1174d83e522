package kube

import (
	"context"
	"errors"

	"stocktake/collector/inventory"
)

// Visitor takes the pods of a run, namespace by namespace: after the end of a
// namespace none of its pods comes again.
type Visitor interface {
	// Pod takes one pod. The pod and its slices are valid only during the
	// call; every string in it may be kept. An error ends the listing.
	Pod(p *inventory.Pod) error
	// End says that every pod of the namespace was visited, or, with a gap,
	// that reading it failed and what was visited is not the whole.
	End(namespace string, gap *inventory.Gap) error
}

// Pods visits all pods of the cluster, as one chain of pages. When it fails,
// the namespace that it failed in ends with a gap and the error is returned;
// namespaces that ended without a gap before are whole, those after it never
// came. A context that ends, and an error of the visitor, end no namespace.
func (c *Cluster) Pods(ctx context.Context, v Visitor) (inventory.Listing, error) {
	reader := newPodReader(c, v)
	s := reader.sink("")
	l := c.podLister("", "pods")
	listing, err := c.list(ctx, l, s)
	if err == nil || reader.failed != nil || ctx.Err() != nil || !s.order.begun {
		return listing, err
	}
	namespace := s.order.namespace
	gap := gapOf(sourceOf(namespace), err)
	return listing, errors.Join(err, v.End(namespace, &gap))
}

// gapOf is the hole that a failure leaves.
func gapOf(source string, err error) inventory.Gap {
	return inventory.Gap{Source: source, Reason: err.Error(), Cause: err}
}

// podReader decodes pods for a visitor.
type podReader struct {
	visitor Visitor
	builder *builder
	record  podRecord
	failed  error // what the visitor said
}

func newPodReader(c *Cluster, v Visitor) *podReader {
	return &podReader{visitor: v, builder: newBuilder(c.opts.OfPods).of(c.opts.described())}
}

// sink takes the pods of one listing, which may be that of one namespace only.
func (r *podReader) sink(only string) *sink {
	s := &sink{record: &r.record, only: only, hand: r.visit}
	if only == "" {
		s.end = r.end
	}
	return s
}

func (r *podReader) visit() error {
	r.failed = r.visitor.Pod(r.builder.build(&r.record))
	return r.failed
}

func (r *podReader) end(namespace string) error {
	r.failed = r.visitor.End(namespace, nil)
	return r.failed
}
