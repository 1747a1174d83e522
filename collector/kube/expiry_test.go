package kube

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/inventory"
)

// TestListingSurvives what the control plane of other tests may not suffer: its
// snapshots and its API server go away in the middle of a listing.
func TestListingSurvives(t *testing.T) {
	const n = 1000
	cluster := forgetful.Cluster(t)
	cluster.SeedMany(t, n, 10, 20)
	for _, inFlight := range []int{1, 2} {
		pages := pagesInFlight(inFlight)
		t.Run("a token that expired, "+pages, func(t *testing.T) { testExpiry(t, cluster, n, inFlight) })
		t.Run("tokens that always expire, "+pages, func(t *testing.T) { testExpiryOfEveryPage(t, cluster, n, inFlight) })
	}
	for _, workers := range []int{1, 4} {
		t.Run("a moment that is compacted", func(t *testing.T) { testMomentThatIsCompacted(t, cluster, workers) })
	}
	t.Run("an API server that restarts", func(t *testing.T) { testRestart(t, cluster, n) })
}

func testExpiry(t *testing.T, cluster *kubetest.Cluster, n, inFlight int) {
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(faultproxy.Pass, faultproxy.Pass, faultproxy.Do(func() {
		cluster.SeedPods(t, kubetest.Pod{Namespace: "zz-later", Name: "born-during-the-listing-" + strconv.Itoa(inFlight)})
		cluster.Compact(t)
	}))
	opts := usual(150)
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
	opts := usual(150)
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

// testRestart restarts the API server when two listings have read two pages each.
func testRestart(t *testing.T, cluster *kubetest.Cluster, n int) {
	var there, both sync.WaitGroup
	there.Add(2)
	restart := sync.OnceFunc(func() { cluster.RestartAPIServer(t) })
	for _, inFlight := range []int{1, 2} {
		arrive := sync.OnceFunc(there.Done)
		opts := usual(150)
		opts.PagesInFlight = inFlight
		opts.OnEvent = func(e Event) {
			if e.Kind == PageRead && e.Page == 2 {
				arrive()
				there.Wait()
				restart()
			}
		}
		c := dial(t, cluster.Config(), opts)
		c.patient.first, c.patient.longest = 500*time.Millisecond, 20*time.Second // as it is
		both.Go(func() {
			defer arrive() // when this one fails before, the other goes on alone
			r := newRecorder(t)
			listing, err := c.Pods(t.Context(), r)
			if !assert.NoError(t, err, pagesInFlight(inFlight)) { //nolint:testifylint // in a goroutine of its own
				return
			}
			r.requireManyAndLater(n)
			assert.Equal(t, inventory.Snapshot, listing.Consistency, "the snapshot is etcd's")
			assert.GreaterOrEqual(t, listing.Pages, 7)
		})
	}
	both.Wait()
}

func pagesInFlight(n int) string { return "pages in flight " + strconv.Itoa(n) }

// requireManyAndLater is requireMany, with pods besides them that were made while
// the tests ran, in a namespace of their own.
func (r *recorder) requireManyAndLater(n int) {
	r.t.Helper()
	require.Empty(r.t, r.gaps)
	r.pods = slices.DeleteFunc(r.pods, func(p inventory.Pod) bool { return strings.HasPrefix(p.Namespace, "zz-") })
	r.requireMany(n)
}

func kinds(events []Event) []EventKind {
	var all []EventKind
	for _, e := range events {
		all = append(all, e.Kind)
	}
	return all
}
