package payload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

var gap = &inventory.Gap{Source: "pods of namespace team-a", Reason: "timeout"}

// head returns a head with namespaces of these names and one node, n1.
func head(namespaces ...string) Head {
	h := smallHead()
	h.Namespaces = nil
	h.Nodes = h.Nodes[:1]
	c := newCluster(0, 1, 0)
	for _, name := range namespaces {
		h.Namespaces = append(h.Namespaces, inventory.Namespace{Name: name, UID: c.UID()})
	}
	return h
}

// A namespace that was read in part leaves no trace: not a byte differs from a
// run over a cluster without it, be it small or many segments long.
func TestDroppedNamespaceLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Anchore, KAI, Stocktake} {
		for _, pods := range []int{0, 1, 3000} {
			with := newBuilder(t, kind, head("a", "b", "c"), Options{SpoolMemory: 1000, SpoolDir: t.TempDir()})
			without := newBuilder(t, kind, head("a", "b", "c"), Options{SpoolMemory: 1000, SpoolDir: t.TempDir()})
			for _, b := range []*Builder{with, without} {
				visit(t, b, "a", 2000)
			}
			for i := range pods {
				require.NoError(t, with.Pod(onePod("b", 100_000+i, 600)))
			}
			require.NoError(t, with.End("b", gap))
			for _, b := range []*Builder{with, without} {
				visit(t, b, "c", 10)
			}
			got, want := closed(t, with, false)[0], closed(t, without, false)[0]
			assert.Equal(t, []string{"a", "c"}, got.Namespaces)
			assert.Equal(t, clustertest.ReadAll(t, want.Gzip()), clustertest.ReadAll(t, got.Gzip()))
			assert.Equal(t, without.Stats(), with.Stats())
			assert.Equal(t, without.compressor.spool.held, with.compressor.spool.held)
			assert.Equal(t, without.compressor.spool.end, with.compressor.spool.end)
			assert.Empty(t, with.compressor.spool.holes)
		}
	}
}

// visit tells of a namespace with n pods of about 600 bytes, and of its end.
func visit(t *testing.T, b *Builder, namespace string, n int) {
	t.Helper()
	for i := range n {
		require.NoError(t, b.Pod(onePod(namespace, i, 600)))
	}
	require.NoError(t, b.End(namespace, nil))
}

func closed(t *testing.T, b *Builder, complete bool) []*Body {
	t.Helper()
	bodies, err := b.Close(inventory.Outcome{Complete: complete})
	require.NoError(t, err)
	return bodies
}

func TestIncompleteRunReportsWhatEndedWell(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Anchore, head("a", "b", "c", "unread"), Options{})
	visit(t, b, "a", 1)
	require.NoError(t, b.Pod(onePod("b", 7, 600)))
	require.NoError(t, b.End("b", gap))
	require.NoError(t, b.Pod(onePod("c", 8, 600))) // the run stops in the middle of c
	bodies := closed(t, b, false)
	require.Len(t, bodies, 1)
	assert.Equal(t, []string{"a"}, bodies[0].Namespaces)
	assert.Len(t, readV2(t, bodies[0]).Pods, 1)
	assert.Equal(t, 1, b.Stats().Pods)
}

func TestCompleteRunReportsEmptyNamespacesLast(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Anchore, head("z-empty", "a", "m-empty", "ended-empty"), Options{})
	require.NoError(t, b.End("ended-empty", nil))
	visit(t, b, "a", 1)
	bodies := closed(t, b, true)
	assert.Equal(t, []string{"ended-empty", "a", "z-empty", "m-empty"}, bodies[0].Namespaces)
	assert.Equal(t, 4, b.Stats().Namespaces)
	readV2(t, bodies[0])
}

// A namespace whose pods are all left out by policy is not an empty one.
func TestIgnoreEmptyIgnoresNamespacesWithoutAnyPod(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Anchore, head("done", "empty"), Options{IgnoreEmpty: true, IgnoreNotRunning: true})
	pod := onePod("done", 1, 10)
	pod.Phase = inventory.Succeeded
	require.NoError(t, b.Pod(pod))
	require.NoError(t, b.End("done", nil))
	bodies := closed(t, b, true)
	assert.Equal(t, []string{"done"}, bodies[0].Namespaces)
	assert.Equal(t, []Left{
		{Reason: NamespaceEmpty, Count: 1, Names: []string{"empty"}},
		{Reason: PodNotRunning, Count: 1, Names: []string{"done/pod-1"}},
	}, b.Left())
}

func TestEmptyClusterHasABodyWithEmptyArrays(t *testing.T) {
	t.Parallel()
	h := head()
	h.Nodes = nil
	for kind, want := range map[Kind]string{Anchore: `"containers":[],"namespaces":[],"nodes":[],"pods":[]`, KAI: `"results":[]`} {
		for _, opts := range []Options{{}, {MaxNamespaces: 1}} {
			b := newBuilder(t, kind, h, opts)
			bodies := closed(t, b, true)
			require.Len(t, bodies, 1)
			assert.Contains(t, string(clustertest.ReadAll(t, bodies[0].Plain())), want)
		}
	}
}

func TestOnlyTheFirstFewNamesAreKept(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Anchore, head("a", "b"), Options{IgnoreNotRunning: true})
	for _, namespace := range []string{"a", "b"} {
		for i := range 4 {
			pod := onePod(namespace, i, 10)
			pod.Phase = inventory.Pending
			require.NoError(t, b.Pod(pod))
		}
		require.NoError(t, b.End(namespace, nil))
	}
	assert.Equal(t, []Left{{Reason: PodNotRunning, Count: 8, Names: []string{"a/pod-0", "a/pod-1", "a/pod-2", "a/pod-3", "b/pod-0"}}}, b.Left())
	assert.True(t, b.Left()[0].Reason.Policy())
	assert.False(t, ContainerWithoutID.Policy())
}

func TestBuilderRefusesPodsOutOfOrder(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Anchore, head("a", "b"), Options{})
	require.NoError(t, b.Pod(onePod("a", 1, 10)))
	require.ErrorContains(t, b.Pod(onePod("b", 2, 10)), `namespace "b" before namespace "a" has ended`)
	require.ErrorContains(t, b.End("b", nil), `namespace "b" before`)
	_, err := b.Close(inventory.Outcome{Complete: true})
	require.ErrorContains(t, err, `before namespace "a" has ended`)
	require.NoError(t, b.End("a", nil))
	require.ErrorContains(t, b.Pod(onePod("a", 3, 10)), `namespace "a" after it has ended`)
	require.ErrorContains(t, b.End("a", nil), `namespace "a" after it has ended`)
	closed(t, b, true)
	require.Error(t, b.Pod(onePod("b", 4, 10)))
	_, err = b.Close(inventory.Outcome{Complete: true})
	require.Error(t, err)
}

func TestNothingOfThePodIsChanged(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Anchore, KAI} {
		pods := clustertest.SmallPods()
		require.NoError(t, clustertest.Visit(newBuilder(t, kind, smallHead(), Options{}), clustertest.Each(pods)))
		assert.Equal(t, clustertest.SmallPods(), pods)
	}
}
