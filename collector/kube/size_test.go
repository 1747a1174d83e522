package kube

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
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
		s := newPageSize(Options{BatchSize: 200}.growthOf())
		got := []int64{s.limit()}
		for _, step := range steps {
			switch step {
			case fail:
				s.shrink()
			case page:
				s.proved(loaded{200, 200 << 10}, 10_000)
			}
			got = append(got, s.limit())
		}
		assert.Equal(t, want, got, steps)
	}
}

func TestPageSizeThatWasChosenIsKept(t *testing.T) {
	t.Parallel()
	small := newPageSize(Options{BatchSize: 20}.growthOf()) // below the smallest that failures lead to
	small.shrink()
	assert.EqualValues(t, 20, small.limit())
	for range 3 * fewPages {
		small.proved(loaded{20, 20 << 10}, 100_000)
	}
	assert.EqualValues(t, 20, small.limit())
}

// TestPagesGrowWithTheListing reads listings of many sizes without a size that somebody
// chose: the first page has 500 objects, the second, which is under way with it, twice as many at most.
func TestPagesGrowWithTheListing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server  *tall
		chosen  int
		limits  []string // of the first pages
		largest int      // of any page, in objects
	}{
		"six pages":             {&tall{pods: 3_000}, 0, []string{"500", "500", "500"}, 500},
		"some 25 pages":         {&tall{pods: 20_000}, 0, []string{"500", "800", "800"}, 800},
		"4,000 objects at most": {&tall{pods: 120_000}, 0, []string{"500", "1000", "4000"}, 4000},
		"10 MB at most":         {&tall{pods: 40_000, padding: 8 << 10}, 0, []string{"500", "1000", ""}, 1280},
		"fewer of large ones":   {&tall{pods: 2_000, padding: 64 << 10}, 0, []string{"500", "500", ""}, 500},
		"an unknown number":     {&tall{pods: 20_000, silent: true}, 0, []string{"500", "500", "4000"}, 4000},
		"a size that is chosen": {&tall{pods: 20_000}, 100, []string{"100", "100", "100"}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.server.t = t
			pods := counter{}
			_, err := over(t, c.server, usual(c.chosen)).Read(t.Context(), Scope{}, []Want{{Resource: podResource(), Sink: &pods}})
			require.NoError(t, err)
			assert.Equal(t, c.server.pods, pods.objects)
			for i, want := range c.limits {
				if want != "" {
					assert.Equal(t, want, c.server.limits[i], "page %d", i+1)
				}
			}
			assert.LessOrEqual(t, c.server.largest, c.largest)
			for i, bytes := range c.server.bytes {
				if i > 1 {
					assert.LessOrEqual(t, bytes, 11<<20, "page %d", i+1)
				}
			}
		})
	}
}

// counter is a sink that counts objects.
type counter struct{ objects int }

// Object implements Sink.
func (c *counter) Object(*wire.Object) error { c.objects++; return nil }

// End implements Sink.
func (c *counter) End(string, *inventory.Gap) error { return nil }

// tall is an API server with many pods, which come as somebody asks for them.
type tall struct {
	t       *testing.T
	pods    int
	padding int  // bytes of an annotation
	silent  bool // it does not say how many remain, as with selectors

	mu      sync.Mutex
	limits  []string
	bytes   []int
	largest int
}

// RoundTrip implements http.RoundTripper.
func (s *tall) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	from, _ := strconv.Atoi(query.Get("continue"))
	limit, err := strconv.Atoi(query.Get("limit"))
	require.NoError(s.t, err)
	to := min(from+limit, s.pods)
	meta := metav1.ListMeta{ResourceVersion: "7"}
	if to < s.pods {
		meta.Continue = strconv.Itoa(to)
		if left := int64(s.pods - to); !s.silent {
			meta.RemainingItemCount = &left
		}
	}
	var pods []corev1.Pod
	padding := map[string]string{"padding": strings.Repeat("x", s.padding)}
	for i := from; i < to; i++ {
		pod := named(strconv.Itoa(1_000_000 + i))
		if s.padding > 0 {
			pod.Annotations = padding
		}
		pods = append(pods, pod)
	}
	page := podtest.Page(s.t, wire.Protobuf, meta, pods...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits, s.bytes = append(s.limits, query.Get("limit")), append(s.bytes, len(page))
	s.largest = max(s.largest, to-from)
	return answerWith(http.StatusOK, wire.Protobuf, page), nil
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
	const n, limit = 1000, 100
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
	want := slices.Concat(slices.Repeat([]string{strconv.Itoa(limit)}, 3), slices.Repeat([]string{"50"}, fewPages), slices.Repeat([]string{"100"}, 6))
	assert.Equal(t, want, limits)
}

// TestPagesOfWholeObjectsAimAtBytes, whatever the size of the objects, and grow fourfold at most.
func TestPagesOfWholeObjectsAimAtBytes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts   Options
		object int64 // bytes of one
		want   []int64
	}{
		"small objects":          {Options{}, 300, []int64{100, 400, 1600, 2000, 2000}},
		"pods":                   {Options{}, 6 << 10, []int64{100, 400, 682, 682}},
		"records of Helm":        {Options{}, 900 << 10, []int64{100, 4, 4}},
		"larger than a page":     {Options{}, 8 << 20, []int64{100, 1, 1}},
		"a size that was chosen": {Options{BatchSize: 50}, 300, []int64{50, 50, 50}},
		"smaller pages":          {Options{WholePageBytes: 64 << 10}, 6 << 10, []int64{100, 10, 10}},
	} {
		s := newPageSize(c.opts.growthOfWhole())
		got := []int64{s.limit()}
		for range len(c.want) - 1 {
			n := s.limit()
			s.proved(loaded{n, n * c.object}, 100_000)
			got = append(got, s.limit())
		}
		assert.Equal(t, c.want, got, name)
	}
}

// TestStoredVersionIsInTheWordsOfTheServer, and in those of a conversion webhook alone.
func TestStoredVersionIsInTheWordsOfTheServer(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		`conversion webhook for example.com/v1beta1, Kind=Widget failed: Post "https://x.y.svc:443/": dial tcp: refused`: "v1beta1",
		`conversion webhook for /v1, Kind=Widget failed: x`:                                                              "v1",
		`etcdserver: request timed out`:                                                                                  "",
	} {
		got, ok := StoredVersion(&statusError{Code: http.StatusInternalServerError, Message: words})
		assert.Equal(t, want, got, words)
		assert.Equal(t, want != "", ok, words)
		_, ok = StoredVersion(&statusError{Code: http.StatusForbidden, Message: words})
		assert.False(t, ok, words)
	}
	tries := attempts{retryPolicy: retryPolicy{attempts: 8}}
	assert.Equal(t, 2, tries.most(&statusError{Code: http.StatusInternalServerError, Message: "conversion webhook for a/v1, Kind=B failed"}))
	assert.Equal(t, 8, tries.most(&statusError{Code: http.StatusInternalServerError, Message: "no"}))
}
