package view

import (
	"fmt"
	"io"
	"sync"
	"time"

	"stocktake/collector"
	"stocktake/collector/kube"
	"stocktake/collector/logging"
	"stocktake/collector/settings"
	"stocktake/collector/terminal"
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
	types typesTally
	bar   *bar   // nil before the first page of pods
	shown string // the line that is on the screen
}

const (
	// progressDelay spares a person the flicker of what takes no time.
	progressDelay = 400 * time.Millisecond
	progressTick  = 150 * time.Millisecond
)

// Progress is what an invocation watches by. It shows nothing unless stderr is a terminal
// whose owner wants to see lines come and go: not with -quiet, not between the lines of
// -debug, not on a terminal that cannot take one back.
func Progress(inv collector.Invocation, o logging.Options) (collector.Watcher, io.Writer) {
	p := &progress{out: inv.Stderr, began: time.Now()}
	vars := settings.Environment(inv.Environ)
	chatty := o.Level == "debug" || o.Level == "trace"
	if terminal.Is(inv.Stderr) && !o.Quiet && !chatty && vars["TERM"] != "dumb" && vars["NO_PROGRESS"] == "" {
		p.width = func() int { return terminal.Width(inv.Stderr, vars["COLUMNS"]) }
	}
	return p, p
}

// seen says whether anybody is there to see a line.
func (p *progress) seen() bool { return p.width != nil }

// Write passes a line of the log on, in the place of the line that was there.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	return p.out.Write(b)
}

// Begin shows the line from now on, and until the returned function is called. In that
// time nothing else may write to the terminal. The pods are listed of so many namespaces
// one after the other; none: of the cluster as a whole.
func (p *progress) Begin(namespaces int) (end func()) {
	if !p.seen() {
		return func() {}
	}
	p.mu.Lock()
	p.read.namespaces = namespaces
	p.types = typesTally{}
	p.mu.Unlock()
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

// Page notes that a page was read.
func (p *progress) Page(e kube.Event) {
	if !p.seen() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read.page(e)
	p.types.page(e)
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
	line := fitting(p.types.words(), p.width())
	if p.bar != nil && p.types.onlyPods() {
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
