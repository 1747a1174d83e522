package kube

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
)

// This file comes last, so that the tests before it are done with few pods.

func TestPodsVisitsEveryPodOnce(t *testing.T) {
	const n = 20_000
	cluster := many(t, n)
	for _, inFlight := range []int{1, 2} {
		t.Run("pages in flight "+strconv.Itoa(inFlight), func(t *testing.T) {
			opts := usual(500)
			opts.PagesInFlight = inFlight
			r := newRecorder(t)
			listing, err := dial(t, cluster.Config(), opts).Pods(t.Context(), r)
			require.NoError(t, err)
			r.requireMany(n)
			assert.Len(t, r.ended, 10)
			assert.Equal(t, 40, listing.Pages)
			assert.Equal(t, 40, listing.Requests)
			assert.Equal(t, n, listing.Items)
			assert.Equal(t, inventory.Snapshot, listing.Consistency)
			assert.NotEmpty(t, listing.ResourceVersion)
			assert.Greater(t, listing.Bytes, int64(n*3000))
		})
	}
}

func TestNamespacesOfAHugeCluster(t *testing.T) {
	const n = 100_000
	cluster := many(t, 2000)
	leavesMore(t)
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("tenant-%06d", i)
	}
	cluster.SeedNamespaces(t, names...)
	opts, shrunk := usual(500), 0
	opts.OnEvent = func(e Event) {
		if e.Kind == Retry {
			shrunk++
		}
	}
	found, listing, err := dial(t, cluster.Config(), opts).Namespaces(t.Context())
	require.NoError(t, err)
	assert.Equal(t, names, slices.DeleteFunc(namesOf(found), func(name string) bool { return !strings.HasPrefix(name, "tenant-") }))
	assert.Greater(t, listing.Items, n)
	if shrunk == 0 { // a slow answer makes pages smaller, which is right on a machine under load
		assert.LessOrEqual(t, listing.Pages, 102, "100 pages after the first, and what is there without them")
	}
	assert.LessOrEqual(t, listing.Pages, 202, "pages that were made smaller grow back")
	assert.Equal(t, inventory.Snapshot, listing.Consistency)
}
