package kube

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"stocktake/collector/inventory"
)

// Namespaces lists all namespaces. The UID of kube-system is what many take
// for the identity of a cluster. One that cannot be read is a gap.
func (c *Cluster) Namespaces(ctx context.Context) ([]inventory.Namespace, inventory.Listing, error) {
	all, listing, err := c.namespaces(ctx, c.lister(namespacesPath, "NamespaceList", "namespaces"))
	c.listed.remember(all)
	return all, listing, err
}

const namespacesPath = "api/v1/namespaces"

func (c *Cluster) namespaces(ctx context.Context, l *lister) ([]inventory.Namespace, inventory.Listing, error) {
	var all []inventory.Namespace
	var r namespaceRecord
	b := newBuilder(c.opts.OfNamespaces)
	hand := func() error {
		all = append(all, b.namespace(&r))
		return nil
	}
	listing, err := c.listObjects(ctx, l, &r, hand, func() {
		ns := b.namespace(&r)
		if i := slices.IndexFunc(all, func(old inventory.Namespace) bool { return old.Name == ns.Name }); i >= 0 && all[i].UID != ns.UID {
			all[i] = ns
		}
	})
	if listing.Consistency == inventory.Mixed {
		slices.SortStableFunc(all, func(a, b inventory.Namespace) int { return strings.Compare(a.Name, b.Name) })
	}
	return all, listing, err
}

// Nodes lists all nodes. One that cannot be read is a gap.
func (c *Cluster) Nodes(ctx context.Context) ([]inventory.Node, inventory.Listing, error) {
	var all []inventory.Node
	var r nodeRecord
	b := newBuilder(c.opts.OfNodes)
	hand := func() error {
		all = append(all, b.node(&r))
		return nil
	}
	listing, err := c.listObjects(ctx, c.lister("api/v1/nodes", "NodeList", "nodes"), &r, hand, func() {
		node := b.node(&r)
		if i := slices.IndexFunc(all, func(old inventory.Node) bool { return old.Name == node.Name }); i >= 0 && all[i].UID != node.UID {
			all[i] = node
		}
	})
	if listing.Consistency == inventory.Mixed {
		slices.SortStableFunc(all, func(a, b inventory.Node) int { return strings.Compare(a.Name, b.Name) })
	}
	return all, listing, err
}

// listObjects reads objects that are held in memory anyway, so that to remember
// each is no matter, and no order needs to be relied on. A page that is read again
// at a later moment adds what is new; again is told of an object that was taken
// before, which may have been deleted and made again under the same name.
func (c *Cluster) listObjects(ctx context.Context, l *lister, r record, hand func() error, again func()) (inventory.Listing, error) {
	var gaps []inventory.Gap
	s := &sink{record: r, order: remembering(), hand: hand, again: again}
	kind := strings.TrimSuffix(l.source, "s")
	s.odd = func(cause error) error {
		meta := r.meta()
		name := newText(meta.Name)
		if len(meta.Name) > 0 {
			if where, err := s.admit(meta); where == skip || err != nil {
				return err
			}
		}
		gaps = append(gaps, gapOfObject(kind, name, cause))
		return nil
	}
	listing, err := c.list(ctx, l, s)
	listing.Gaps = gaps
	return listing, err
}

// gapOfObject is the gap that a node or a namespace leaves.
func gapOfObject(kind, name string, cause error) inventory.Gap {
	gap := gapOf(kind+" "+printable(cmp.Or(name, "without a name")), unreadable(kind, name, cause))
	if kind == "namespace" {
		gap.Namespace = name
	}
	return gap
}

func (c *Cluster) list(ctx context.Context, l *lister, s *sink) (inventory.Listing, error) {
	err := l.read(ctx, s)
	return l.listing(s), err
}
