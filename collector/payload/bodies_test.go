package payload

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

func TestBodiesHoldAtMostSoManyNamespaces(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Anchore, head("a", "b", "c", "d", "e"), Options{MaxNamespaces: 2})
	for _, namespace := range []string{"a", "b", "c"} {
		visit(t, b, namespace, 3)
	}
	bodies := closed(t, b, true)
	assert.Equal(t, [][]string{{"a", "b"}, {"c", "d"}, {"e"}}, names(bodies))
	for _, body := range bodies {
		readV2(t, body)
	}
}

// For every limit: no body is over it unless it holds a single namespace, the next
// namespace would not have fitted, and nothing is lost or split.
func TestBodiesStayBelowTheLimitOfBytes(t *testing.T) {
	t.Parallel()
	const namespaces = 12
	var all []string
	for i := range namespaces {
		all = append(all, fmt.Sprintf("ns-%02d", i))
	}
	for _, kind := range []Kind{Anchore, KAI} {
		for _, limit := range []int64{1, 5003, 50_000, 333_333, 700_000} {
			b := newBuilder(t, kind, head(all...), Options{MaxBytes: limit, SpoolMemory: 1000, SpoolDir: t.TempDir()})
			for i, namespace := range all {
				visit(t, b, namespace, i*i*i%450)
			}
			bodies := closed(t, b, true)
			assert.Equal(t, all, slices.Concat(names(bodies)...), "%s, limit %d", kind, limit)
			for _, body := range bodies {
				if len(body.Namespaces) > 1 {
					require.LessOrEqual(t, body.Size(), limit)
				}
				require.Equal(t, body.Size(), int64(len(clustertest.Unpack(t, clustertest.ReadAll(t, body.Gzip())))))
				if kind == Anchore {
					readV2(t, body)
				}
			}
		}
	}
}

// The limit is exact: a body of just so many bytes is one body, and one byte less
// makes two.
func TestLimitOfBytesIsExact(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Anchore, KAI} {
		run := func(limit int64) []*Body {
			b := newBuilder(t, kind, head("a", "b"), Options{MaxBytes: limit})
			visit(t, b, "a", 3)
			visit(t, b, "b", 4)
			return closed(t, b, true)
		}
		whole := run(1 << 40)
		require.Len(t, whole, 1)
		assert.Len(t, run(whole[0].Size()), 1, kind)
		assert.Len(t, run(whole[0].Size()-1), 2, kind)
	}
}

// twoNodes is a head in which the pods of namespace a run on n1, of b on n1 and n2.
func twoNodes() (Head, []inventory.Pod) {
	h := head("a", "b", "c")
	h.Nodes = []inventory.Node{{Name: "n1", UID: clustertest.UIDNode1}, {Name: "n2", UID: clustertest.UIDNode2}, {Name: "idle", UID: clustertest.UIDA}}
	pods := []inventory.Pod{*onePod("a", 1, 10), *onePod("b", 2, 10), *onePod("b", 3, 10), *onePod("b", 4, 10)}
	pods[2].Node, pods[3].Node = "n2", "n2"
	return h, pods
}

func nodeNames(t *testing.T, body *Body) []string {
	t.Helper()
	var all []string
	for _, n := range readV2(t, body).Nodes {
		all = append(all, n.Name)
	}
	return all
}

func TestOnlyBodyListsAllNodes(t *testing.T) {
	t.Parallel()
	h, pods := twoNodes()
	b := newBuilder(t, Anchore, h, Options{})
	require.NoError(t, clustertest.Visit(b, clustertest.Each(pods)))
	assert.Equal(t, []string{"n1", "n2", "idle"}, nodeNames(t, closed(t, b, true)[0]))
}

func TestEachOfSeveralBodiesListsTheNodesItNeeds(t *testing.T) {
	t.Parallel()
	h, pods := twoNodes()
	b := newBuilder(t, Anchore, h, Options{MaxNamespaces: 1})
	require.NoError(t, clustertest.Visit(b, clustertest.Each(pods)))
	bodies := closed(t, b, true)
	require.Len(t, bodies, 3)
	assert.Equal(t, []string{"n1"}, nodeNames(t, bodies[0]))
	assert.Equal(t, []string{"n1", "n2"}, nodeNames(t, bodies[1]))
	assert.Empty(t, nodeNames(t, bodies[2]))
}

// What a dropped namespace referred to must still be listed for the next one.
func TestNodesOfADroppedNamespaceAreListedForTheNext(t *testing.T) {
	t.Parallel()
	h, pods := twoNodes()
	b := newBuilder(t, Anchore, h, Options{MaxNamespaces: 10})
	require.NoError(t, b.Pod(&pods[0]))
	require.NoError(t, b.End("a", gap))
	require.NoError(t, clustertest.Visit(b, clustertest.Each(pods[1:])))
	assert.Equal(t, []string{"n1", "n2"}, nodeNames(t, closed(t, b, false)[0]))
}

func TestNamespacesGoToTheirAccounts(t *testing.T) {
	t.Parallel()
	h := head("both", "red", "nobody", "empty")
	h.Route = func(ns inventory.Namespace) []string {
		return map[string][]string{"both": {"Red", "blue", "Red"}, "red": {"Red"}, "empty": {"blue"}}[ns.Name]
	}
	b := newBuilder(t, Anchore, h, Options{SpoolMemory: 1000, SpoolDir: t.TempDir()})
	visit(t, b, "both", 2000)
	visit(t, b, "red", 3)
	visit(t, b, "nobody", 3)
	bodies := closed(t, b, true)
	require.Len(t, bodies, 2)
	assert.Equal(t, "Red", bodies[0].Account)
	assert.Equal(t, "blue", bodies[1].Account)
	assert.Equal(t, [][]string{{"both", "red"}, {"both", "empty"}}, names(bodies))
	assert.Len(t, readV2(t, bodies[0]).Pods, 2003)
	assert.Len(t, readV2(t, bodies[1]).Pods, 2000)
	assert.Equal(t, 2003, b.Stats().Pods, "a pod in two bodies counts once")
	assert.Equal(t, []Left{{Reason: NamespaceWithoutAccount, Count: 1, Names: []string{"nobody"}}}, b.Left())
}

// A large namespace is compressed once, for whomever it is.
func TestAccountsShareSegments(t *testing.T) {
	t.Parallel()
	run := func(accounts ...string) int64 {
		c := newCluster(5000, 1, 1)
		c.head.Route = func(inventory.Namespace) []string { return accounts }
		b := newBuilder(t, Anchore, c.head, Options{SpoolMemory: 1 << 30})
		require.NoError(t, clustertest.Visit(b, c.Pods()))
		require.Len(t, closed(t, b, true), len(accounts))
		return b.compressor.spool.held
	}
	one, ten := run("a"), run("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	assert.Less(t, ten, 2*one)
}

func TestRoutedRunWithoutNamespacesHasNoBody(t *testing.T) {
	t.Parallel()
	h := head("a")
	h.Route = func(inventory.Namespace) []string { return nil }
	assert.Empty(t, closed(t, newBuilder(t, Anchore, h, Options{}), true))
}

func TestBatchesOfAnAccountComeTogether(t *testing.T) {
	t.Parallel()
	h := head("a", "b", "c", "d")
	h.Route = func(ns inventory.Namespace) []string {
		return map[string][]string{"a": {"x"}, "b": {"y"}, "c": {"x"}, "d": {"y"}}[ns.Name]
	}
	b := newBuilder(t, KAI, h, Options{MaxNamespaces: 1})
	for _, namespace := range []string{"a", "b", "c", "d"} {
		visit(t, b, namespace, 1)
	}
	assert.Equal(t, [][]string{{"a"}, {"c"}, {"b"}, {"d"}}, names(closed(t, b, true)))
}

// A second record of the same name would make a receiver refuse the body.
func TestRepeatedNamespacesAndNodesAreListedOnce(t *testing.T) {
	t.Parallel()
	h := head("a", "empty", "a", "empty")
	h.Nodes = append(h.Nodes, h.Nodes[0])
	b := newBuilder(t, Anchore, h, Options{})
	visit(t, b, "a", 1)
	body := closed(t, b, true)[0]
	assert.Equal(t, []string{"a", "empty"}, body.Namespaces)
	assert.Equal(t, []string{"n1"}, nodeNames(t, body))
}
