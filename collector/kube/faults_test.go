package kube

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/inventory"
)

// afterPage2 breaks the third page in the given way, and then some.
func afterPage2(faults ...faultproxy.Fault) []faultproxy.Fault {
	return append([]faultproxy.Fault{faultproxy.Pass, faultproxy.Pass}, faults...)
}

// busy answers 429 without saying for how long.
var busy = faultproxy.Answer(http.StatusTooManyRequests, "application/json", `{"kind":"Status","message":"too many requests","code":429}`)

func TestListingSurvivesFaults(t *testing.T) {
	const n, limit = 1000, 200
	cluster := many(t, n)
	for name, c := range map[string]struct {
		faults    []faultproxy.Fault
		failed    int // requests that lead to no page
		throttled int
		limit     int  // at its smallest
		impatient bool // the timeout is two seconds; a slow machine may run into it more often
		first     bool // it is read again without a token, and the cluster may have changed by then
		ahead     bool // with three pages under way too: two that are given up
	}{
		"a page cut in its head":         {faults: afterPage2(faultproxy.CutAfter(10)), failed: 1, limit: 100},
		"a page cut in its middle":       {faults: afterPage2(faultproxy.CutAfter(400_000)), failed: 1, limit: 100, ahead: true},
		"a page that stalls":             {faults: afterPage2(faultproxy.StallAfter(400_000)), failed: 1, limit: 100, impatient: true},
		"an answer that never comes":     {faults: afterPage2(faultproxy.Hang), failed: 1, limit: 100, impatient: true},
		"the first page cut":             {faults: []faultproxy.Fault{faultproxy.CutAfter(300_000)}, failed: 1, limit: 100, first: true},
		"the first page cut in its head": {faults: []faultproxy.Fault{faultproxy.CutAfter(5)}, failed: 1, limit: 100},
		"cut again and again": {
			faults: afterPage2(faultproxy.CutAfter(400_000), faultproxy.CutAfter(200_000), faultproxy.CutAfter(100_000)),
			failed: 3, limit: 50, ahead: true,
		},
		"a page that ends too early":             {faults: afterPage2(faultproxy.TruncateAfter(400_000)), failed: 1, limit: 100},
		"a page that ends in its head":           {faults: afterPage2(faultproxy.TruncateAfter(10)), failed: 1, limit: 100},
		"a page of nothing":                      {faults: afterPage2(faultproxy.TruncateAfter(0)), failed: 1, limit: 100},
		"a busy server that does not say when":   {faults: afterPage2(busy, busy), failed: 2, throttled: 2, limit: limit},
		"a server in error":                      {faults: afterPage2(faultproxy.Answer(http.StatusInternalServerError, "text/plain", "etcd leader changed")), failed: 1, limit: limit},
		"a server that ran out of time":          {faults: afterPage2(faultproxy.Answer(http.StatusGatewayTimeout, "text/plain", "timed out")), failed: 1, limit: 100},
		"a busy server":                          {faults: afterPage2(faultproxy.Busy(0), faultproxy.Busy(0)), failed: 2, throttled: 2, limit: limit, ahead: true},
		"a server that is out":                   {faults: afterPage2(faultproxy.Down(), faultproxy.Down()), failed: 2, limit: limit},
		"a connection refused at the first page": {faults: []faultproxy.Fault{faultproxy.Down(), faultproxy.CutAfter(0)}, failed: 2, limit: 100},
	} {
		for inFlight := 1; inFlight <= 2 || inFlight == 3 && c.ahead; inFlight++ {
			t.Run(name, func(t *testing.T) {
				proxy := faultproxy.New(t, cluster.Config())
				proxy.Script(c.faults...)
				config := proxy.Serve(t)
				config.DisableCompression = true // offsets above are those of the plain page
				opts := usual(limit)
				opts.PagesInFlight = inFlight
				if c.impatient {
					opts.TimeoutSeconds = 2
				}
				var last Event
				smallest := limit
				opts.OnEvent = func(e Event) { last, smallest = e, min(smallest, e.Limit) }
				r := newRecorder(t)
				listing, err := dial(t, config, opts).Pods(t.Context(), r)
				require.NoError(t, err)
				r.requireMany(n)
				assert.Equal(t, n, listing.Items)
				if !c.first {
					assert.Equal(t, inventory.Snapshot, listing.Consistency)
				}
				assert.Equal(t, c.throttled, listing.Throttled)
				assert.Equal(t, PageRead, last.Kind)
				assert.GreaterOrEqual(t, listing.Requests, listing.Pages+c.failed)
				switch {
				case c.impatient:
					assert.LessOrEqual(t, smallest, c.limit)
				case inFlight == 1:
					assert.Equal(t, c.limit, smallest)
					assert.Len(t, proxy.Lists(), listing.Pages+c.failed)
					assert.Equal(t, listing.Pages+c.failed, listing.Requests)
				default: // one fault for two pages under way is one step, not two
					assert.GreaterOrEqual(t, smallest, c.limit)
				}
				for _, request := range proxy.Lists() {
					assert.NotEqual(t, "0", request.URL.Query().Get("limit"), "never without a limit")
					assert.Empty(t, request.URL.Query().Get("resourceVersion"))
				}
			})
		}
	}
}

func TestListingSurvivesAnOutage(t *testing.T) {
	const n = 1000
	cluster := many(t, n)
	for _, inFlight := range []int{1, 2} {
		proxy := faultproxy.New(t, cluster.Config())
		config := proxy.Serve(t)
		opts := usual(200)
		opts.PagesInFlight = inFlight
		refused := 0
		opts.OnEvent = func(e Event) {
			switch {
			case e.Kind == PageRead && e.Page == 2:
				proxy.Leave()
			case e.Kind == Retry && errors.Is(e.Err, syscall.ECONNREFUSED):
				if refused++; refused == 3 {
					assert.NoError(t, proxy.Return(t.Context()))
				}
			}
		}
		r := newRecorder(t)
		listing, err := dial(t, config, opts).Pods(t.Context(), r)
		require.NoError(t, err)
		r.requireMany(n)
		assert.Equal(t, inventory.Snapshot, listing.Consistency)
		assert.GreaterOrEqual(t, refused, 3)
	}
}

func TestFailedPageIsAskedForWithItsOwnToken(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(afterPage2(faultproxy.CutAfter(100_000))...)
	config := proxy.Serve(t)
	config.DisableCompression = true
	opts := usual(200)
	opts.PagesInFlight = 1
	r := newRecorder(t)
	_, err := dial(t, config, opts).Pods(t.Context(), r)
	require.NoError(t, err)
	third, again := proxy.Lists()[2].URL.Query(), proxy.Lists()[3].URL.Query()
	assert.NotEmpty(t, third.Get("continue"))
	assert.Equal(t, third.Get("continue"), again.Get("continue"))
	assert.Equal(t, url.Values{"limit": {"100"}, "continue": third["continue"]}, again)
}

const gone = `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"The provided continue parameter is too old","reason":"Expired","code":410}`

func TestListingGivesUp(t *testing.T) {
	const n = 1000
	cluster := many(t, n)
	forever := func(fault faultproxy.Fault) []faultproxy.Fault {
		faults := afterPage2()
		for range 50 {
			faults = append(faults, fault)
		}
		return faults
	}
	for name, c := range map[string]struct {
		faults   []faultproxy.Fault
		err      error
		words    string
		requests int
	}{
		"a server that stays away":        {forever(faultproxy.Down()), ErrUnavailable, "list pods: page 3: gave up after 8 attempts: 503 Service Unavailable", 10},
		"pages that always break":         {forever(faultproxy.CutAfter(1000)), ErrUnavailable, "page 3: gave up after 8 attempts", 10},
		"pages that always end too early": {forever(faultproxy.TruncateAfter(1000)), ErrUnavailable, "page 3: gave up after 8 attempts", 10},
		"a page of garbage": {
			afterPage2(faultproxy.Answer(http.StatusOK, "application/vnd.kubernetes.protobuf", strings.Repeat("\xde\xad\xbe\xef", 1000))),
			ErrUnavailable, "not the answer of a Kubernetes API", 3,
		},
		"garbage with the right beginning": {
			afterPage2(faultproxy.Answer(http.StatusOK, "application/vnd.kubernetes.protobuf", "k8s\x00\x0a\x09\x12\x07PodList\x12"+strings.Repeat("\xde\xad\xbe\xef", 1000))),
			ErrUnavailable, "not the answer of a Kubernetes API", 3,
		},
		"garbage in JSON": {afterPage2(faultproxy.Answer(http.StatusOK, "application/json", `{"kind":"PodList","items":[{"metadata":{"name":}]}`)), ErrUnavailable, "invalid character", 3},
		"a login page":    {afterPage2(faultproxy.Answer(http.StatusOK, "text/html; charset=utf-8", "<html>")), ErrUnavailable, `of type "text/html; charset=utf-8"`, 3},
		"an expired token without another": {
			afterPage2(faultproxy.Answer(http.StatusGone, "application/json", gone)), ErrUnavailable, "410 Gone: The provided continue parameter is too old", 3,
		},
		"a token that the server does not know": {
			afterPage2(faultproxy.Answer(http.StatusBadRequest, "application/json", `{"kind":"Status","message":"continue key is not valid","code":400}`)),
			ErrUnavailable, "400 Bad Request: continue key is not valid", 3,
		},
		"rights that are taken away": {
			afterPage2(faultproxy.Answer(http.StatusForbidden, "application/json", `{"kind":"Status","message":"pods is forbidden","code":403}`)),
			ErrRefused, "403 Forbidden: pods is forbidden", 3,
		},
		"a token that is refused twice": {
			forever(faultproxy.Answer(http.StatusUnauthorized, "application/json", `{"kind":"Status","message":"Unauthorized","code":401}`)),
			ErrRefused, "401 Unauthorized", 4,
		},
		"words that forge a log line": {
			afterPage2(faultproxy.Answer(http.StatusTeapot, "text/plain", "a\nb\x1b[31m")), ErrUnavailable, "418 I'm a teapot: a b\\x1b[31m", 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.Script(c.faults...)
			opts := usual(200)
			opts.PagesInFlight = 1
			r := newRecorder(t)
			_, err := dial(t, proxy.Serve(t), opts).Pods(t.Context(), r)
			require.ErrorIs(t, err, c.err)
			require.ErrorContains(t, err, c.words)
			assert.NotContains(t, err.Error(), "continue=")
			assert.Len(t, proxy.Lists(), c.requests)
			assert.GreaterOrEqual(t, len(r.pods), 400)
			require.Len(t, r.gaps, 1, "the namespace at hand is not whole")
			gap := r.gaps[r.ended[len(r.ended)-1]]
			require.NotNil(t, gap)
			assert.Equal(t, "pods of namespace "+r.ended[len(r.ended)-1], gap.Source)
			assert.Equal(t, err.Error(), gap.Reason)
			require.ErrorIs(t, err, gap.Cause)
		})
	}
}

func TestUnauthorizedOnceIsTriedAgain(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(afterPage2(faultproxy.Answer(http.StatusUnauthorized, "text/plain", "rotated"))...)
	r := newRecorder(t)
	_, err := dial(t, proxy.Serve(t), usual(200)).Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireMany(1000)
}

func TestRetryAfterIsHonoured(t *testing.T) {
	cluster := many(t, 1000)
	for name, later := range map[string]func(http.Header){
		"seconds": func(h http.Header) { h.Set("Retry-After", "1") },
		"a date": func(h http.Header) {
			now := time.Now().UTC()
			h.Set("Date", now.Format(http.TimeFormat))
			h.Set("Retry-After", now.Add(time.Second).Format(http.TimeFormat))
		},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.Script(faultproxy.BusyUntil(later))
			opts := usual(500)
			var waits []time.Duration
			opts.OnEvent = func(e Event) {
				if e.Kind == Retry {
					waits = append(waits, e.Wait)
				}
			}
			begun := time.Now()
			_, err := dial(t, proxy.Serve(t), opts).Pods(t.Context(), newRecorder(t))
			require.NoError(t, err)
			require.Len(t, waits, 1)
			assert.GreaterOrEqual(t, waits[0], time.Second)
			assert.GreaterOrEqual(t, time.Since(begun), time.Second)
		})
	}
}

func TestNoRetryThatTheDeadlineForbids(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(faultproxy.Busy(60))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	_, err := dial(t, proxy.Serve(t), usual(500)).Pods(ctx, newRecorder(t))
	require.NoError(t, ctx.Err(), "it does not wait for the deadline")
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "no time left to try again in 1m0s: 429 Too Many Requests")
}

func TestDeadlineWhileTryingAgainNamesTheCause(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	ctx := &overdue{Context: t.Context(), passed: make(chan struct{})}
	proxy.Script(faultproxy.Down(), func(next http.Handler) http.Handler { return faultproxy.Do(ctx.pass)(faultproxy.Hang(next)) })
	_, err := dial(t, proxy.Serve(t), usual(500)).Pods(ctx, newRecorder(t))
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "while trying again after: 503")

	proxy.Script(faultproxy.Hang)
	brief, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = dial(t, proxy.Serve(t), usual(500)).Pods(brief, newRecorder(t))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, ErrUnavailable, "a slow run that never failed is not the server's fault")
}

// overdue is a context whose deadline passes when the test says so.
type overdue struct {
	context.Context //nolint:containedctx // it is one

	passed chan struct{}
	once   sync.Once
}

func (o *overdue) pass() { o.once.Do(func() { close(o.passed) }) }

// Done implements context.Context.
func (o *overdue) Done() <-chan struct{} { return o.passed }

// Err implements context.Context.
func (o *overdue) Err() error {
	select {
	case <-o.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestServerThatListsOutOfOrderIsNotReadAsOneListing(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	config := proxy.Serve(t)
	page := func(pods ...string) faultproxy.Fault {
		body := `{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[`
		for i, pod := range pods {
			if i > 0 {
				body += ","
			}
			body += pod
		}
		return faultproxy.Answer(http.StatusOK, "application/json", body+"]}")
	}
	pod := func(namespace, name, uid string) string {
		return `{"metadata":{"namespace":"` + namespace + `","name":"` + name + `","uid":"` + uid + `"}}`
	}
	for name, c := range map[string]struct {
		page  faultproxy.Fault
		words string
	}{
		"names":                    {page(pod("a", "2", "x"), pod("a", "1", "y")), `out of order`},
		"a namespace that is over": {page(pod("a", "1", "x"), pod("b", "1", "y"), pod("a", "2", "z")), `out of order`},
	} {
		t.Run(name, func(t *testing.T) {
			proxy.Script(c.page)
			_, err := dial(t, config, usual(500)).Pods(t.Context(), newRecorder(t))
			require.ErrorIs(t, err, ErrUnordered)
			require.ErrorIs(t, err, ErrUnavailable)
			require.ErrorContains(t, err, c.words)
		})
	}
	t.Run("the same pod twice is counted once", func(t *testing.T) {
		proxy.Script(page(pod("a", "1", "x"), pod("a", "1", "x"), pod("a-b", "0", "y")))
		r := newRecorder(t)
		listing, err := dial(t, config, usual(500)).Pods(t.Context(), r)
		require.NoError(t, err)
		assert.Len(t, r.pods, 2)
		assert.Equal(t, []string{"a", "a-b"}, r.ended)
		assert.Equal(t, 1, listing.Repeated)
		assert.Equal(t, 2, listing.Items)
	})
}

func TestPodOnTwoPagesIsVisitedOnce(t *testing.T) {
	proxy := faultproxy.New(t, many(t, 1000).Config())
	answer := func(body string) faultproxy.Fault { return faultproxy.Answer(http.StatusOK, "application/json", body) }
	proxy.Script(
		answer(`{"kind":"PodList","metadata":{"continue":"t"},"items":[{"metadata":{"namespace":"n","name":"a","uid":"1"}}]}`),
		answer(`{"kind":"PodList","metadata":{},"items":[{"metadata":{"namespace":"n","name":"a","uid":"1"}},{"metadata":{"namespace":"n","name":"b","uid":"2"}}]}`),
	)
	r := newRecorder(t)
	listing, err := dial(t, proxy.Serve(t), usual(1)).Pods(t.Context(), r)
	require.NoError(t, err)
	assert.Len(t, r.pods, 2)
	assert.Equal(t, 1, listing.Repeated)
}

func TestTokenAtTheEndOfAPageIsFollowed(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	answer := func(body string) faultproxy.Fault { return faultproxy.Answer(http.StatusOK, "application/json", body) }
	proxy.Script(
		answer(`{"kind":"PodList","items":[{"metadata":{"namespace":"n","name":"a"}}],"metadata":{"resourceVersion":"5","continue":"t"}}`),
		answer(`{"kind":"PodList","items":[{"metadata":{"namespace":"n","name":"b"}}],"metadata":{"resourceVersion":"5"}}`),
	)
	r := newRecorder(t)
	listing, err := dial(t, proxy.Serve(t), usual(1)).Pods(t.Context(), r)
	require.NoError(t, err)
	assert.Len(t, r.pods, 2)
	assert.Equal(t, "5", listing.ResourceVersion)
	assert.Equal(t, "t", proxy.Lists()[1].URL.Query().Get("continue"))
	assert.Equal(t, 1, proxy.MostAtOnce())
}
