package kube

import (
	"context"
	"errors"

	"stocktake/collector/inventory"
)

// NamespaceFoundLater reads a namespace of which pods were seen although it was
// not among those that were listed before. It asks with the right that listing them
// needs, and only where that does not find it, with the right to get it.
//
// It returns false without an error when the namespace is gone: the API server says
// so, or lists neither the namespace nor a pod in it any more.
func (c *Cluster) NamespaceFoundLater(ctx context.Context, name string) (inventory.Namespace, bool, error) {
	l := c.lister(namespacesPath, "NamespaceList", "namespaces")
	l.fields = "metadata.name=" + name
	all, _, err := c.namespaces(ctx, l)
	for _, ns := range all {
		if ns.Name == name { // whoever does not know field selectors lists all
			return ns, true, nil
		}
	}
	if ctx.Err() != nil {
		return inventory.Namespace{}, false, err
	}
	var r namespaceRecord
	getErr := c.getNamespace(ctx, name, &r)
	switch {
	case getErr == nil:
		return newBuilder(c.opts.OfNamespaces).namespace(&r), true, nil
	case errors.Is(getErr, ErrNotFound):
		return inventory.Namespace{}, false, nil
	case err == nil && errors.Is(getErr, ErrRefused) && c.withoutPods(ctx, name):
		return inventory.Namespace{}, false, nil
	}
	return inventory.Namespace{}, false, getErr
}

// withoutPods reports whether the API server says that a namespace has no pod.
func (c *Cluster) withoutPods(ctx context.Context, namespace string) bool {
	none := true
	r := newPodReader(c, nil)
	s := &sink{record: &r.record, order: newSequence(), only: namespace, hand: func() error { none = false; return nil }}
	s.odd = func(error) error { none = false; return nil }
	_, err := c.list(ctx, c.podLister(namespace, sourceOf(namespace)), s)
	return err == nil && none
}
