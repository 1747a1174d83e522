package kube

import (
	"context"

	"stocktake/collector/inventory"
)

// Namespaces lists all namespaces. The UID of kube-system is what many take
// for the identity of a cluster.
func (c *Cluster) Namespaces(ctx context.Context) ([]inventory.Namespace, inventory.Listing, error) {
	var all []inventory.Namespace
	var r namespaceRecord
	b := newBuilder(c.opts.OfNamespaces)
	listing, err := c.list(ctx, c.lister("api/v1/namespaces", "NamespaceList", "namespaces"), &sink{
		record: &r,
		hand: func() error {
			all = append(all, b.namespace(&r))
			return nil
		},
	})
	return all, listing, err
}

// Nodes lists all nodes.
func (c *Cluster) Nodes(ctx context.Context) ([]inventory.Node, inventory.Listing, error) {
	var all []inventory.Node
	var r nodeRecord
	b := newBuilder(c.opts.OfNodes)
	listing, err := c.list(ctx, c.lister("api/v1/nodes", "NodeList", "nodes"), &sink{
		record: &r,
		hand: func() error {
			all = append(all, b.node(&r))
			return nil
		},
	})
	return all, listing, err
}

func (c *Cluster) list(ctx context.Context, l *lister, s *sink) (inventory.Listing, error) {
	err := l.read(ctx, s)
	return l.listing(s), err
}
