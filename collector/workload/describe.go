package workload

import (
	"context"
	"slices"
	"strings"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/wire"
)

// ReadNamespaces reads the namespaces of a scope: those that are named in the given
// order, with no right beyond them, or all. One that cannot be read is a gap. Those who
// also want them share the listing.
func ReadNamespaces(ctx context.Context, c *kube.Cluster, keep Keep, s kube.Scope, also ...kube.Want) ([]inventory.Namespace, inventory.Outcome, error) {
	return namespaces(keep).read(ctx, c, s, also)
}

// FindNamespace reads a namespace of which pods were seen although it was not among
// those that were listed before; see [kube.Cluster.FindNamespace].
func FindNamespace(ctx context.Context, c *kube.Cluster, keep Keep, s kube.Scope, name string) (ns inventory.Namespace, found bool, err error) {
	of := namespaces(keep)
	found, err = c.FindNamespace(ctx, s, Pods(), name, func(o *wire.Object) (err error) {
		ns, err = of.made(o)
		return err
	})
	return ns, found, err
}

// ReadNodes lists all nodes. One that cannot be read is a gap. Those who also want them share
// the listing.
func ReadNodes(ctx context.Context, c *kube.Cluster, keep Keep, also ...kube.Want) ([]inventory.Node, inventory.Outcome, error) {
	return nodes(keep).read(ctx, c, kube.Scope{}, also)
}

// described are the objects of a resource that are few enough to be held in memory.
type described[T any] struct {
	resource kube.Resource
	made     func(*wire.Object) (T, error)
	name     func(*T) string

	all []T
	at  map[string]int // by name
}

func namespaces(keep Keep) *described[inventory.Namespace] {
	var r namespaceRecord
	b := newBuilder(keep)
	return &described[inventory.Namespace]{
		resource: kube.Namespaces(),
		made: func(o *wire.Object) (inventory.Namespace, error) {
			r.reset()
			err := decode(o, &r, r.decode)
			return b.namespace(o, &r), err
		},
		name: func(ns *inventory.Namespace) string { return ns.Name },
	}
}

func nodes(keep Keep) *described[inventory.Node] {
	var r nodeRecord
	b := newBuilder(keep)
	return &described[inventory.Node]{
		resource: Nodes(),
		made: func(o *wire.Object) (inventory.Node, error) {
			r.reset()
			err := decode(o, &r, r.decode)
			return b.node(o, &r), err
		},
		name: func(node *inventory.Node) string { return node.Name },
	}
}

// read reads all of them, also for those of others who want the same.
func (d *described[T]) read(ctx context.Context, c *kube.Cluster, s kube.Scope, also []kube.Want) ([]T, inventory.Outcome, error) {
	d.at = map[string]int{}
	wants := []kube.Want{{Resource: d.resource, Sink: d}}
	for _, want := range also {
		if want.Resource == d.resource {
			wants = append(wants, want)
		}
	}
	outcome, err := c.Read(ctx, s, wants)
	if outcome.Listing.Consistency == inventory.Mixed && !s.ByName {
		slices.SortStableFunc(d.all, func(a, b T) int { return strings.Compare(d.name(&a), d.name(&b)) })
	}
	return d.all, outcome, err
}

// Object implements kube.Sink. One that comes again takes the place of the one before.
func (d *described[T]) Object(o *wire.Object) error {
	one, err := d.made(o)
	if err != nil {
		return err
	}
	name := d.name(&one)
	if i, known := d.at[name]; known {
		d.all[i] = one
		return nil
	}
	d.at[name] = len(d.all)
	d.all = append(d.all, one)
	return nil
}

// End implements kube.Sink. What could not be read is in the outcome.
func (d *described[T]) End(string, *inventory.Gap) error { return nil }
