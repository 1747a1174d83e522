package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

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

// namespaceAnswer is a namespace, or why there is a gap in its place.
type namespaceAnswer struct {
	object wire.Object
	err    error
}

// getNamespaces asks for several namespaces at a time. The first failure that
// is not the fault of one namespace alone ends it all.
func (c *Cluster) getNamespaces(ctx context.Context, names []string) ([]namespaceAnswer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make([]namespaceAnswer, len(names))
	todo := make(chan int, len(names))
	for i := range names {
		todo <- i
	}
	close(todo)

	var workers sync.WaitGroup
	var once sync.Once
	var failed error
	for range min(c.opts.workers(), len(names)) {
		workers.Go(func() {
			for i := range todo {
				a := &answers[i]
				a.err = Caught(func() (err error) {
					a.object, err = c.getNamespace(ctx, names[i])
					return err
				})
				if a.err != nil && (ctx.Err() != nil || !ofOneNamespace(a.err)) {
					once.Do(func() { failed = a.err })
					cancel()
				}
			}
		})
	}
	workers.Wait()
	return answers, failed
}

// ofOneNamespace reports a failure that says nothing about other namespaces.
func ofOneNamespace(err error) bool {
	_, odd := errors.AsType[*wire.Unreadable](err)
	return odd || errors.Is(err, ErrRefused) || errors.Is(err, ErrNotFound)
}

func (c *Cluster) getNamespace(ctx context.Context, name string) (wire.Object, error) {
	source := "namespace " + name
	answer, err := c.getAnswer(ctx, c.patient, source, Namespaces().Path("", name))
	if status, ok := errors.AsType[*statusError](err); ok && status.Reason == metav1.StatusReasonNotFound {
		return wire.Object{}, fmt.Errorf("%s %w: -n or namespace-selectors.include names it", source, ErrNotFound)
	}
	if err != nil {
		return wire.Object{}, fmt.Errorf("get %s: %w", source, err)
	}
	o, err := wire.NewObject(answer)
	if err == nil && string(o.Name) != name {
		err = fmt.Errorf("get %s: %w", source, malformed(fmt.Errorf("namespace %s in the place of it", quoted(o.Name))))
	}
	return o, handed(name, err)
}

// handed is what came of handing on a namespace: the object alone cannot be read, or
// what came is no object.
func handed(name string, err error) error {
	odd, ok := errors.AsType[*wire.Unreadable](err)
	switch {
	case ok:
		return unreadable("namespace", name, odd)
	case wire.IsSyntax(err):
		return fmt.Errorf("get namespace %s: %w", name, malformed(err))
	}
	return err
}

// FindNamespace hands on a namespace of which objects of a resource were seen although
// it was not among those that were listed before. It asks with the right that listing
// them needs, and only where that does not find it, with the right to get it.
//
// It returns false without an error when the namespace is gone: the API server says
// so, or lists neither the namespace nor an object in it any more.
func (c *Cluster) FindNamespace(ctx context.Context, s Scope, of Resource, name string, take func(*wire.Object) error) (bool, error) {
	found := &namedOne{name: name, take: take}
	l := c.lister(Namespaces(), "")
	l.fields = "metadata.name=" + name
	err := l.read(ctx, &grouping{of: &wanted{Resource: Namespaces(), sinks: []Sink{found}}, order: remembering()})
	if found.came {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, err
	}
	o, getErr := c.getNamespace(ctx, name)
	if getErr == nil {
		getErr = handed(name, take(&o))
	}
	switch {
	case getErr == nil:
		return true, nil
	case errors.Is(getErr, ErrNotFound):
		return false, nil
	case err == nil && errors.Is(getErr, ErrRefused) && c.without(ctx, s, of, name):
		return false, nil
	}
	return false, getErr
}

// namedOne is a sink of the one namespace that is looked for: who does not know field
// selectors lists all.
type namedOne struct {
	name string
	take func(*wire.Object) error
	came bool
}

// Object implements Sink.
func (n *namedOne) Object(o *wire.Object) error {
	if string(o.Name) != n.name {
		return nil
	}
	err := n.take(o)
	n.came = n.came || err == nil
	return err
}

// End implements Sink.
func (n *namedOne) End(string, *inventory.Gap) error { return nil }

// without reports whether the API server says that a namespace has no object of a
// resource.
func (c *Cluster) without(ctx context.Context, s Scope, of Resource, namespace string) bool {
	g := &grouping{of: &wanted{Resource: of}, order: newSequence(), only: namespace}
	r := &reading{c: c, scope: s, of: g.of}
	err := r.lister(namespace).read(ctx, g)
	return err == nil && g.order.taken == 0
}
