package collector

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"stocktake/collector/kube"
	"stocktake/collector/settings"
)

// progress tells a person at a terminal how far the reading of a cluster has
// come, in a line below the log that is gone when it is over. It stands between
// the log and the terminal, so that neither writes into a line of the other.
type progress struct {
	out   io.Writer  // stderr
	width func() int // of the terminal; nil: nobody is there to see a line
	began time.Time

	mu    sync.Mutex
	read  tally
	bar   *bar   // nil before the first page of pods
	shown string // the line that is on the screen
}

const (
	// progressDelay spares a person the flicker of what takes no time.
	progressDelay = 400 * time.Millisecond
	progressTick  = 150 * time.Millisecond
)

// newProgress shows nothing unless stderr is a terminal whose owner wants to see
// lines come and go: not with -quiet, not between the lines of -debug, not on a
// terminal that cannot take one back.
func newProgress(inv Invocation, o RunOptions, began time.Time) *progress {
	p := &progress{out: inv.Stderr, began: began}
	vars := settings.Environment(inv.Environ)
	chatty := o.LogLevel == "debug" || o.LogLevel == "trace"
	if isTerminal(inv.Stderr) && !o.Quiet && !chatty && vars["TERM"] != "dumb" && vars["NO_PROGRESS"] == "" {
		p.width = func() int { return width(inv.Stderr, vars["COLUMNS"]) }
	}
	return p
}

// seen says whether anybody is there to see a line. The nil progress has nobody.
func (p *progress) seen() bool { return p != nil && p.width != nil }

// Write passes a line of the log on, in the place of the line that was there.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	return p.out.Write(b)
}

// during shows the line from now on, and until the returned function is called.
// In that time nothing else may write to the terminal.
func (p *progress) during() (end func()) {
	if !p.seen() {
		return func() {}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		// A line that cannot be drawn is not worth a run.
		_ = kube.Caught(func() error {
			p.drawUntil(stop)
			return nil
		})
	}()
	return func() {
		close(stop)
		<-stopped
		p.mu.Lock()
		defer p.mu.Unlock()
		p.erase()
	}
}

func (p *progress) drawUntil(stop <-chan struct{}) {
	tick := time.NewTicker(progressTick)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			p.draw(now)
		case <-stop:
			return
		}
	}
}

// expect says of how many namespaces the pods are listed one after the other;
// none: of the cluster as a whole.
func (p *progress) expect(namespaces int) {
	if !p.seen() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read.namespaces = namespaces
}

// page notes that a page was read.
func (p *progress) page(e kube.Event) {
	if !p.seen() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read.page(e)
	if p.bar == nil && p.read.source != "" {
		p.bar = newBar(p.read.total(e), p.width())
	}
}

func (p *progress) draw(now time.Time) {
	if now.Sub(p.began) < progressDelay {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	line := "asking the API server"
	if p.bar != nil {
		line = p.bar.line(p.read, p.width())
	}
	fmt.Fprint(p.out, "\r", line, clearToEnd)
	p.shown = line
}

// clearToEnd is what a terminal takes for an order to clear the line from the
// cursor on (ECMA-48, EL).
const clearToEnd = "\x1b[K"

// erase takes the line away.
func (p *progress) erase() {
	if p.shown != "" {
		fmt.Fprint(p.out, "\r", clearToEnd)
		p.shown = ""
	}
}

// tally is what was read so far, over all listings of pods.
type tally struct {
	source            string // the listing at hand
	before, now       kube.Event
	namespaces, begun int
}

// page adds what a page brought. Only those of pods count: all else is short.
func (t *tally) page(e kube.Event) {
	if !strings.HasPrefix(e.Source, "pods") {
		return
	}
	if e.Source != t.source {
		t.before = t.sum()
		t.source = e.Source
		t.begun++
	}
	t.now = e
}

func (t *tally) sum() kube.Event {
	return kube.Event{Items: t.before.Items + t.now.Items, Page: t.before.Page + t.now.Page, Bytes: t.before.Bytes + t.now.Bytes}
}

// total is how many pods there are, about, and unknown if that is unknown: to the
// API server, where pods are selected by label, or to us, where there are more
// namespaces to come.
func (t *tally) total(first kube.Event) int64 {
	if t.namespaces > 1 || first.Remaining == 0 {
		return unknown
	}
	return int64(first.Items) + first.Remaining
}
