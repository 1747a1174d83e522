package programtest_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

// manyPods is so many that they come in several pages whatever the size of a page, and
// that a body of them does not fit into the buffers of a connection.
const manyPods = 3_000

// TestManyPods has what takes a cluster of thousands of pods, which is filled once for all
// of it. Nothing runs beside it: allocations and goroutines are those of the process.
func TestManyPods(t *testing.T) {
	cluster := ownCluster(t)
	cluster.SeedMany(t, manyPods, 40, 20)
	t.Run("allocate little each", func(t *testing.T) { allocateLittle(t, cluster) })
	t.Run("come once and in the same bytes", func(t *testing.T) { comeOnce(t, cluster) })
	t.Run("do not keep a run beyond its deadline", func(t *testing.T) { deadlineHolds(t, cluster) })
	t.Run("come once though a token expires", func(t *testing.T) { resumeAfterExpiry(t, cluster) })
}

func allocateLittle(t *testing.T, cluster *kubetest.Cluster) {
	t.Helper()
	allocs := testing.AllocsPerRun(1, whole(t, cluster)) / manyPods // what a run costs besides is a part of each
	t.Logf("%.1f allocations for each pod, from connecting to delivery", allocs)
	require.Less(t, allocs, 20.0)
}

func comeOnce(t *testing.T, cluster *kubetest.Cluster) {
	t.Helper()
	args := []string{"-external", cluster.Kubeconfig(t), "-dry-run", "-set", "ignore-not-running=false", "-set", "kubernetes.request-batch-size=75", "prod"}
	first, second := run(t, call{args: args}), run(t, call{args: args})
	require.Equal(t, 0, first.code, first.stderr)
	assert.Equal(t, 40, first.summary.Pages)
	assert.Equal(t, manyPods, first.summary.Counts.Pods)
	assert.Equal(t, "snapshot", first.summary.Consistency)
	assert.Len(t, podsOf(t, first.stdout), manyPods)
	require.NoError(t, anchoretest.CheckV2([]byte(first.stdout)))
	if timestamp.ReplaceAllString(first.stdout, "") != timestamp.ReplaceAllString(second.stdout, "") {
		t.Error("two runs over the same cluster differ in more than the timestamp")
	}
}

func resumeAfterExpiry(t *testing.T, cluster *kubetest.Cluster) {
	t.Helper()
	var once sync.Once
	kubeconfig := proxied(t, cluster, func(r *http.Request) bool {
		if r.URL.Query().Get("continue") != "" {
			once.Do(func() { cluster.Compact(t) })
		}
		return true
	})
	got := run(t, call{args: []string{"-external", kubeconfig, "-dry-run", "-set", "ignore-not-running=false", "prod"}})
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, "mixed", got.summary.Consistency)
	pods := podsOf(t, got.stdout)
	assert.Len(t, pods, manyPods)
	for uid, times := range pods {
		require.Equal(t, 1, times, uid)
	}
}
