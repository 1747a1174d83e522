package kube

import (
	"context"
	"errors"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/inventory"
	"stocktake/collector/transport"
	"stocktake/collector/wire"
)

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
	l := c.lister(of, namespace)
	l.selector = s.Labels.String()
	g := &grouping{of: &wanted{Resource: of}, order: newSequence(), only: namespace}
	err := l.read(ctx, g)
	return err == nil && g.order.taken == 0
}

// remade is the gap of a namespace that is not the one that was listed any more.
func (c *Cluster) remade(ctx context.Context, s Scope, of Resource, p current) (*inventory.Gap, error) {
	before, known := c.listed.uid(p.namespace)
	if !known || p.oldest <= c.listed.since.Load() || !s.matters(p.namespace) {
		return nil, nil
	}
	now := ""
	exists, err := c.FindNamespace(ctx, s, of, p.namespace, func(o *wire.Object) error {
		now = wire.Text(o.UID)
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return nil, transport.Ended(ctx)
	case err != nil:
		return of.gap(p.namespace, fmt.Errorf("whether it is still the namespace that was listed, all its %s being new: %w", of.name(), err)), nil
	case exists && now == before:
		return nil, nil
	}
	return of.gap(p.namespace, fmt.Errorf("%w: the namespace was deleted, or deleted and made again, while the cluster was read: its %s may be those of another one", ErrUnavailable, of.name())), nil
}
