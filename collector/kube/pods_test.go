package kube

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/inventory"
)

func TestPodsVisitsEveryPodOnce(t *testing.T) {
	const n, limit = 1000, 50
	cluster := many(t, n)
	for _, inFlight := range []int{1, 2} {
		t.Run(pagesInFlight(inFlight), func(t *testing.T) {
			opts := usual(limit)
			opts.PagesInFlight = inFlight
			r := newRecorder(t)
			listing, err := dial(t, cluster.Config(), opts).Pods(t.Context(), r)
			require.NoError(t, err)
			r.requireMany(n)
			assert.Len(t, r.ended, 10)
			assert.Equal(t, n/limit, listing.Pages)
			assert.Equal(t, n/limit, listing.Requests)
			assert.Equal(t, n, listing.Items)
			assert.Equal(t, inventory.Snapshot, listing.Consistency)
			assert.NotEmpty(t, listing.ResourceVersion)
			assert.Greater(t, listing.Bytes, int64(n*3000))
		})
	}
}

func TestPodsReadsWhateverTheServerSpeaks(t *testing.T) {
	const n = 1000
	cluster := many(t, n)
	for name, c := range map[string]struct {
		json, http2, gzip bool
		proto             string
	}{
		"protobuf":         {proto: "HTTP/1.1"},
		"protobuf, HTTP/2": {http2: true, proto: "HTTP/2.0"},
		"protobuf, gzip":   {gzip: true, proto: "HTTP/1.1"},
		"JSON":             {json: true, proto: "HTTP/1.1"},
		"JSON, HTTP/2":     {json: true, http2: true, proto: "HTTP/2.0"},
		"JSON, gzip":       {json: true, gzip: true, http2: true, proto: "HTTP/2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.JSONOnly = c.json
			config := proxy.Serve(t)
			config.DisableCompression = !c.gzip
			opts := usual(300)
			if c.http2 {
				opts.HTTPVersion = http2
			}
			r := newRecorder(t)
			_, err := dial(t, config, opts).Pods(t.Context(), r)
			require.NoError(t, err)
			r.requireMany(n)
			first := proxy.Lists()[0]
			assert.Equal(t, c.proto, first.Proto)
			assert.Equal(t, c.gzip, first.Header.Get("Accept-Encoding") == "gzip")
			assert.Equal(t, "stocktake", first.Header.Get("User-Agent"))
			assert.LessOrEqual(t, proxy.MostAtOnce(), 2, "that they do overlap is the next test's")
		})
	}
}

func TestNextPageIsAskedForBeforeThisOneArrived(t *testing.T) {
	cluster := many(t, 1000)
	second := make(chan struct{})
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(
		faultproxy.After(20_000, func(*http.Request) {
			select {
			case <-second:
			case <-time.After(time.Minute):
				t.Error("the first page was held back until the second was asked for, which never happened")
			}
		}),
		faultproxy.Do(func() { close(second) }),
	)
	r := newRecorder(t)
	_, err := dial(t, proxy.Serve(t), usual(500)).Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireMany(1000)
}

func TestOnePageInFlightAsksOneAfterAnother(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	opts := usual(100)
	opts.PagesInFlight = 1
	r := newRecorder(t)
	_, err := dial(t, proxy.Serve(t), opts).Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireMany(1000)
	assert.Equal(t, 1, proxy.MostAtOnce())
}

func TestSlowVisitorHoldsTheListingBack(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	r := newRecorder(t)
	r.onPod = func(n int) error {
		if n == 150 {
			assert.Eventually(t, func() bool { return len(proxy.Lists()) == 3 }, time.Minute, time.Millisecond, "it asks ahead")
			time.Sleep(300 * time.Millisecond)
			assert.Len(t, proxy.Lists(), 3, "the page at hand is the second; one more may be under way")
		}
		return nil
	}
	_, err := dial(t, proxy.Serve(t), usual(100)).Pods(t.Context(), r)
	require.NoError(t, err)
	r.requireMany(1000)
}

func TestPodsEndsWithTheContext(t *testing.T) {
	cluster := many(t, 1000)
	for name, c := range map[string]struct {
		fault faultproxy.Fault
		http  string
	}{
		"between pages":           {fault: faultproxy.Pass},
		"in a stall":              {fault: faultproxy.StallAfter(20_000)},
		"before a header":         {fault: faultproxy.Hang},
		"between pages, HTTP/2":   {fault: faultproxy.Pass, http: http2},
		"in a stall, HTTP/2":      {fault: faultproxy.StallAfter(20_000), http: http2},
		"before a header, HTTP/2": {fault: faultproxy.Hang, http: http2},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.Script(faultproxy.Pass, c.fault, c.fault, c.fault)
			config := proxy.Serve(t)
			before := goleak.IgnoreCurrent()
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(500*time.Millisecond, cancel)
			r := newRecorder(t)
			r.onPod = func(n int) error {
				if strings.HasPrefix(name, "between pages") && n == 150 {
					cancel()
				}
				return nil
			}
			opts := usual(100)
			opts.HTTPVersion = cmp.Or(c.http, http1)
			connection := dial(t, config, opts)
			_, err := connection.Pods(ctx, r)
			require.ErrorIs(t, err, context.Canceled)
			require.NotErrorIs(t, err, ErrUnavailable)
			assert.Empty(t, r.gaps, "a run that is stopped has no gaps")
			requireNoLeak(t, connection, before)
		})
	}
}

func TestVisitorErrorEndsTheListing(t *testing.T) {
	cluster := many(t, 1000)
	before := goleak.IgnoreCurrent()
	r := newRecorder(t)
	r.onPod = func(n int) error {
		if n == 150 {
			return errVisitor
		}
		return nil
	}
	c := dial(t, cluster.Config(), usual(100))
	_, err := c.Pods(t.Context(), r)
	require.ErrorIs(t, err, errVisitor)
	require.NotErrorIs(t, err, ErrUnavailable)
	require.EqualError(t, err, "list pods: page 2: no space left on device")
	assert.Len(t, r.pods, 150)
	requireNoLeak(t, c, before)
}

func TestEventsTellOfEveryPage(t *testing.T) {
	cluster := many(t, 1000)
	opts := usual(250)
	var events []Event
	opts.OnEvent = func(e Event) { events = append(events, e) }
	_, err := dial(t, cluster.Config(), opts).Pods(t.Context(), newRecorder(t))
	require.NoError(t, err)
	var read int64
	for i := range events {
		assert.Greater(t, events[i].Bytes, read, "a page of 250 pods has some bytes")
		read, events[i].Bytes = events[i].Bytes, 0
	}
	assert.Equal(t, []Event{
		{Kind: PageRead, Source: "pods", Page: 1, Items: 250, Remaining: 750, Limit: 250},
		{Kind: PageRead, Source: "pods", Page: 2, Items: 500, Remaining: 500, Limit: 250},
		{Kind: PageRead, Source: "pods", Page: 3, Items: 750, Remaining: 250, Limit: 250},
		{Kind: PageRead, Source: "pods", Page: 4, Items: 1000, Limit: 250},
	}, events)
}
