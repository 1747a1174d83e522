package kube

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/inventory"
)

// TestListingSurvives what only a control plane of its own may suffer: its
// snapshots and its API server go away in the middle of a listing.
func TestListingSurvives(t *testing.T) {
	const n = 2000
	cluster := kubetest.Start(t, kubetest.Options{ExpireOnCompact: true})
	cluster.SeedMany(t, n, 10, 20)
	for _, inFlight := range []int{1, 2} {
		pages := "pages in flight " + strconv.Itoa(inFlight)
		t.Run("a token that expired, "+pages, func(t *testing.T) { testExpiry(t, cluster, n, inFlight) })
		t.Run("tokens that always expire, "+pages, func(t *testing.T) { testExpiryOfEveryPage(t, cluster, n, inFlight) })
		t.Run("an API server that restarts, "+pages, func(t *testing.T) { testRestart(t, cluster, n, inFlight) })
	}
}

func testExpiry(t *testing.T, cluster *kubetest.Cluster, n, inFlight int) {
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(faultproxy.Pass, faultproxy.Pass, faultproxy.Do(func() {
		cluster.SeedPods(t, kubetest.Pod{Namespace: "zz-later", Name: "born-during-the-listing-" + strconv.Itoa(inFlight)})
		cluster.Compact(t)
	}))
	opts := usual(300)
	opts.PagesInFlight = inFlight
	var events []Event
	opts.OnEvent = func(e Event) { events = append(events, e) }
	r := newRecorder(t)
	listing, err := dial(t, proxy.Serve(t), opts).Pods(t.Context(), r)
	require.NoError(t, err)
	assert.Equal(t, inventory.Mixed, listing.Consistency)
	assert.Equal(t, listing.Pages+1, listing.Requests)
	r.requireManyAndLater(n)
	assert.Contains(t, kinds(events), Resume)
}

func testExpiryOfEveryPage(t *testing.T, cluster *kubetest.Cluster, n, inFlight int) {
	proxy := faultproxy.New(t, cluster.Config())
	for range 50 {
		proxy.Script(faultproxy.Do(func() { cluster.Compact(t) }))
	}
	opts := usual(300)
	opts.PagesInFlight = inFlight
	r := newRecorder(t)
	listing, err := dial(t, proxy.Serve(t), opts).Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireManyAndLater(n)
	assert.Equal(t, inventory.Mixed, listing.Consistency)
	again := len(r.ended) - len(r.over)
	assert.Positive(t, again, "namespaces that were divided are read once more, in a page each")
	assert.Equal(t, 7+again, listing.Pages)
	assert.Equal(t, 2*7-1+again, listing.Requests, "every token but that of the first page, which has none")
}

func testRestart(t *testing.T, cluster *kubetest.Cluster, n, inFlight int) {
	opts := usual(300)
	opts.PagesInFlight = inFlight
	opts.OnEvent = func(e Event) {
		if e.Kind == PageRead && e.Page == 2 { // in the goroutine of this test
			cluster.RestartAPIServer(t)
		}
	}
	c := dial(t, cluster.Config(), opts)
	c.patient.first, c.patient.longest = 500*time.Millisecond, 20*time.Second // as it is
	r := newRecorder(t)
	listing, err := c.Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireManyAndLater(n)
	assert.Equal(t, inventory.Snapshot, listing.Consistency, "the snapshot is etcd's")
	assert.GreaterOrEqual(t, listing.Pages, 7)
}

// requireManyAndLater is requireMany, with pods besides them that were born while
// the tests ran, in a namespace of their own.
func (r *recorder) requireManyAndLater(n int) {
	r.t.Helper()
	require.Empty(r.t, r.gaps)
	r.pods = slices.DeleteFunc(r.pods, func(p inventory.Pod) bool { return p.Namespace == "zz-later" })
	r.requireMany(n)
}

func kinds(events []Event) []EventKind {
	var all []EventKind
	for _, e := range events {
		all = append(all, e.Kind)
	}
	return all
}
