package saved

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// cluster is one of records, with what else bodies say of a run.
type cluster struct {
	*clustertest.Large

	head payload.Head
}

// newCluster returns a cluster of so many pods; the same arguments make the same one.
func newCluster(pods, namespaces, nodes int) *cluster {
	large := clustertest.NewLarge(pods, namespaces, nodes)
	return &cluster{large, payload.Head{
		Cluster: "prod-1", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Server: clustertest.Server(),
		Namespaces: large.Namespaces, Nodes: large.Nodes,
	}}
}

// build returns the bodies of a whole cluster.
func (c *cluster) build(t testing.TB, kind payload.Kind, opts payload.Options) []*payload.Body {
	t.Helper()
	b := newBuilder(t, kind, c.head, opts)
	require.NoError(t, clustertest.Visit(b, c.Pods()))
	bodies, err := b.Close(inventory.Outcome{Complete: true})
	require.NoError(t, err)
	return bodies
}

func newBuilder(t testing.TB, kind payload.Kind, head payload.Head, opts payload.Options) *payload.Builder {
	t.Helper()
	b, err := payload.New(kind, head, opts)
	require.NoError(t, err)
	t.Cleanup(b.Discard)
	return b
}

// smallHead is that of the small cluster of the golden files.
func smallHead() payload.Head {
	return payload.Head{
		Cluster:    "prod-1",
		Time:       time.Date(2026, 3, 4, 6, 6, 7, 8, time.FixedZone("CET", 3600)),
		Server:     clustertest.Server(),
		Namespaces: clustertest.SmallNamespaces(),
		Nodes:      clustertest.SmallNodes(),
	}
}

// nativeHead says all that the native body has room for.
func nativeHead() payload.Head {
	h := smallHead()
	h.ClusterUID, h.Run, h.ToolVersion = "cccccccc-0000-4000-8000-000000000001", "3f0c1d2e", "1.2.3"
	h.Nodes = clustertest.NativeNodes()
	return h
}

// nativeText is a native body in which every member that there is occurs.
func nativeText(t testing.TB) []byte {
	t.Helper()
	b := newBuilder(t, payload.Stocktake, nativeHead(), payload.Options{})
	require.NoError(t, clustertest.Visit(b, clustertest.Each(clustertest.NativePods())))
	o := clustertest.Outcome()
	o.Gaps = []inventory.Gap{{Source: "nodes", Reason: "forbidden"}}
	bodies, err := b.Close(o)
	require.NoError(t, err)
	return clustertest.ReadAll(t, bodies[0].Plain())
}

// smallBody is the body of pods of the small cluster.
func smallBody(t testing.TB, kind payload.Kind, o payload.Options, pods []inventory.Pod) *payload.Body {
	t.Helper()
	return closedBody(t, kind, o, pods, inventory.Outcome{Complete: true})
}

func closedBody(t testing.TB, kind payload.Kind, o payload.Options, pods []inventory.Pod, how inventory.Outcome) *payload.Body {
	t.Helper()
	b := newBuilder(t, kind, smallHead(), o)
	require.NoError(t, clustertest.Visit(b, clustertest.Each(pods)))
	bodies, err := b.Close(how)
	require.NoError(t, err)
	require.Len(t, bodies, 1)
	return bodies[0]
}
