package payload

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

// cluster is one of records, with what else bodies say of a run.
type cluster struct {
	*clustertest.Large

	head Head
}

// newCluster returns a cluster of so many pods; the same arguments make the same one.
func newCluster(pods, namespaces, nodes int) *cluster {
	large := clustertest.NewLarge(pods, namespaces, nodes)
	return &cluster{large, Head{
		Cluster: "prod-1", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Server: clustertest.Server(),
		Namespaces: large.Namespaces, Nodes: large.Nodes,
	}}
}

// build returns the bodies of a whole cluster.
func (c *cluster) build(t testing.TB, kind Kind, opts Options) []*Body {
	t.Helper()
	b := newBuilder(t, kind, c.head, opts)
	require.NoError(t, clustertest.Visit(b, c.Pods()))
	bodies, err := b.Close(inventory.Outcome{Complete: true})
	require.NoError(t, err)
	return bodies
}

func newBuilder(t testing.TB, kind Kind, head Head, opts Options) *Builder {
	t.Helper()
	b, err := New(kind, head, opts)
	require.NoError(t, err)
	t.Cleanup(b.Discard)
	return b
}
