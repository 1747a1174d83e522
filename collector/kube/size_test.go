package kube

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/wire"
)

func TestPageSizeHalvesAndGrowsBack(t *testing.T) {
	t.Parallel()
	const fail, page = 'x', '.'
	for steps, want := range map[string][]int64{
		"x":              {200, 100},
		"xxxx":           {200, 100, 50, 50, 50},
		"....":           {200, 200, 200, 200, 200},
		"x....":          {200, 100, 100, 100, 100, 200},
		"xx........":     {200, 100, 50, 50, 50, 50, 100, 100, 100, 100, 200},
		"x..x....":       {200, 100, 100, 100, 50, 50, 50, 50, 100},               // pages in a row
		"x....x....":     {200, 100, 100, 100, 100, 200, 100, 100, 100, 100, 100}, // that was too early:
		"x....x.......":  {200, 100, 100, 100, 100, 200, 100, 100, 100, 100, 100, 100, 100, 100},
		"x....x........": {200, 100, 100, 100, 100, 200, 100, 100, 100, 100, 100, 100, 100, 100, 200}, // wait twice as long
	} {
		s := newPageSize(200)
		got := []int64{s.limit()}
		for _, step := range steps {
			switch step {
			case fail:
				s.shrink()
			case page:
				s.proved()
			}
			got = append(got, s.limit())
		}
		assert.Equal(t, want, got, steps)
	}
}

func TestPageSizeIsNeverRaisedBeyondWhatWasSetForShortListings(t *testing.T) {
	t.Parallel()
	small := newPageSize(20) // below the smallest that failures lead to
	small.shrink()
	assert.EqualValues(t, 20, small.limit())

	cut := newPageSize(100)
	cut.shrink()
	cut.stretch(30_000)
	assert.EqualValues(t, 50, cut.limit(), "there was reason to make them smaller")
	for range 3 * fewPages {
		cut.proved()
	}
	assert.EqualValues(t, 300, cut.limit(), "and none any more")
}

// TestBusyServerIsAskedForLessOnlyWhenSeatsWereMissing: a full queue turns away at
// once, one without enough seats after a while.
func TestBusyServerIsAskedForLessOnlyWhenSeatsWereMissing(t *testing.T) {
	t.Parallel()
	for waited, want := range map[time.Duration][]string{
		0:                           {"200", "200"},
		seatless - time.Millisecond: {"200", "200"},
		seatless:                    {"200", "100"},
		15 * time.Second:            {"200", "100"},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &busyOnce{t: t, waits: waited}
			c := over(t, server, usual(200))
			listing, err := c.Pods(t.Context(), newRecorder(t))
			require.NoError(t, err)
			assert.Equal(t, 1, listing.Throttled)
			assert.Equal(t, want, server.limits, waited)
		})
	}
}

// busyOnce lets a request wait, and sends it away; the next is answered.
type busyOnce struct {
	t      *testing.T
	waits  time.Duration
	limits []string
}

// RoundTrip implements http.RoundTripper.
func (s *busyOnce) RoundTrip(req *http.Request) (*http.Response, error) {
	s.limits = append(s.limits, req.URL.Query().Get("limit"))
	if len(s.limits) == 1 {
		time.Sleep(s.waits)
		return answerWith(http.StatusTooManyRequests, "text/plain", nil), nil
	}
	page := podtest.Page(s.t, wire.Protobuf, metav1.ListMeta{ResourceVersion: "7"}, named("a"))
	return answerWith(http.StatusOK, wire.Protobuf, page), nil
}

func TestListingGoesBackToLargePages(t *testing.T) {
	const n, limit = 2000, 200
	cluster := many(t, n)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(afterPage2(faultproxy.CutAfter(10))...)
	opts := usual(limit)
	opts.PagesInFlight = 1
	r := newRecorder(t)
	_, err := dial(t, proxy.Serve(t), opts).Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireMany(n)
	var limits []string
	for _, request := range proxy.Lists() {
		limits = append(limits, request.URL.Query().Get("limit"))
	}
	want := slices.Concat(slices.Repeat([]string{strconv.Itoa(limit)}, 3), slices.Repeat([]string{"100"}, fewPages), slices.Repeat([]string{"200"}, 6))
	assert.Equal(t, want, limits)
}
