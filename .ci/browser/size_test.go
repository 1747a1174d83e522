package browser

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// fluid is how long a key may take until what it did is seen, in
	// milliseconds: what people take for at once.
	fluid = 100.0
	many  = 5000
)

// TestManyImagesStayFluid types, sorts and filters in a page of 5,000 images. What
// counts is the time that the page itself takes from a key or click to the frame
// that shows what it did, as CPU time of its thread: a clock would measure whoever
// else uses the machine. What the clock says (Event Timing API) is in the log.
func TestManyImagesStayFluid(t *testing.T) {
	file, _ := write(t, ordinary(many))
	p := blank(t)
	_, err := chromedp.Call(p.ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	require.NoError(t, err)
	began := time.Now()
	p.visit(file)
	t.Logf("opened after %d ms, of which %.0f ms by the page", time.Since(began).Milliseconds(), p.busy())
	value[bool](p, `window.slowest = 0, new PerformanceObserver((list) => {
		for (const e of list.getEntries()) if (e.interactionId) slowest = Math.max(slowest, e.duration);
	}).observe({ type: 'event', durationThreshold: 16 }), true`)
	for _, does := range []struct {
		what string
		do   func()
	}{
		{"go to the search", func() { p.click("#search") }},
		{"type the first letter", func() { p.keys("n") }},
		{"type the second letter", func() { p.keys("g") }},
		{"take it back", func() { p.keys("\b") }},
		{"empty the search", func() { p.keys("\x1b") }},
		{"sort by pods", func() { p.click("th.pods button") }},
		{"sort by digest", func() { p.click("th.digest button") }},
		{"filter by a flag", func() { p.click("[value='no digest']") }},
		{"filter by a bar", func() { p.click("[data-facet=registry] .bar") }},
		{"show all", func() { p.click("#undo") }},
	} {
		before := p.busy()
		does.do()
		took := p.busy() - before
		t.Logf("%-24s %3.0f ms", does.what, took)
		assert.LessOrEqual(t, took, fluid, does.what)
	}
	time.Sleep(200 * time.Millisecond) // figures come late
	t.Logf("by the clock at most %.0f ms", value[float64](p, `slowest`))
	p.picture("many")
}

// busy is the CPU time that the page has taken so far, in milliseconds.
func (p *tab) busy() float64 {
	p.t.Helper()
	result, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	require.NoError(p.t, err)
	for _, m := range result.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value * 1000
		}
	}
	require.Fail(p.t, "the browser does not say how long tasks took")
	return 0
}

func TestAllImagesCanBeScrolledTo(t *testing.T) {
	i := ordinary(1000)
	p := open(t, i)
	drawn := len(p.rows())
	require.Less(t, drawn, 500)
	end := time.Now().Add(time.Minute)
	for drawn < len(i.images) && time.Now().Before(end) {
		drawn = value[int](p, `scrollTo(0, document.documentElement.scrollHeight), new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
			done(document.querySelectorAll('#rows tr').length))))`)
	}
	assert.Equal(t, len(i.images), drawn)
}
