package view

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
	"stocktake/collector/kube"
	"stocktake/collector/logging"
)

// watched is a progress for a terminal of the given width.
func watched(width int) (*progress, *bytes.Buffer) {
	var screen bytes.Buffer
	return &progress{out: &screen, width: func() int { return width }}, &screen
}

func pageOf(source string, number, items int, remaining int64) kube.Event {
	return kube.Event{Kind: kube.PageRead, Source: source, Page: number, Items: items, Remaining: remaining, Bytes: int64(items) * 5000}
}

// drawn is the line that is on the screen after the pages.
func drawn(p *progress, pages ...kube.Event) string {
	for _, e := range pages {
		p.Page(e)
		p.draw(time.Now())
	}
	return p.shown
}

func TestProgressSaysHowManyPodsOfHowMany(t *testing.T) {
	t.Parallel()
	p, _ := watched(80)
	drawn(p, pageOf("namespaces", 1, 40, 0), pageOf("nodes", 1, 400, 0))
	p.Begin(0)()
	line := drawn(p, pageOf("pods", 1, 500, 1500))
	assert.Regexp(t, `^500 of about 2,000 pods, 1 page, 2\.5 MB  2\d% \[.{10}\] \(\d+ pods/s\)$`, line)

	line = drawn(p, pageOf("pods", 2, 1000, 1200))
	assert.Regexp(t, `^1,000 of about 2,000 pods, 2 pages, 5\.0 MB  4\d% `, line)

	line = drawn(p, pageOf("pods", 3, 2200, 300), pageOf("pods", 4, 2500, 0))
	assert.Regexp(t, `^2,500 of about 2,500 pods, 4 pages, 12\.5 MB  99% `, line, "there are more than the server thought")
}

func TestProgressMovesWithoutKnowingTheEnd(t *testing.T) {
	t.Parallel()
	p, _ := watched(80)
	first := drawn(p, pageOf("pods", 1, 500, 0))
	assert.Regexp(t, `^[-|/\\] 500 pods, 1 page, 2\.5 MB \(\d+ pods/s\)$`, first)
	second := drawn(p, pageOf("pods", 2, 1000, 0))
	assert.Regexp(t, `^[-|/\\] 1,000 pods, 2 pages, 5\.0 MB `, second)
	assert.NotEqual(t, first[0], second[0], "something turns")
}

func TestProgressSumsUpNamespaces(t *testing.T) {
	t.Parallel()
	p, _ := watched(80)
	p.read.namespaces = 3
	drawn(p, pageOf("pods of namespace a", 1, 500, 100), pageOf("pods of namespace a", 2, 600, 0))
	line := drawn(p, pageOf("pods of namespace b", 1, 70, 0))
	assert.Regexp(t, `^[-|/\\] 670 pods, namespace 2 of 3, 3 pages, 3\.4 MB `, line)

	alone, _ := watched(80)
	alone.read.namespaces = 1
	assert.Regexp(t, `^500 of about 600 pods`, drawn(alone, pageOf("pods of namespace a", 1, 500, 100)))
}

func TestProgressFitsEveryTerminal(t *testing.T) {
	t.Parallel()
	for columns := 1; columns <= 200; columns++ {
		for _, remaining := range []int64{0, 8_000_000} {
			p, screen := watched(columns)
			line := drawn(p, pageOf("pods", 1, 500, remaining), pageOf("pods", 2000, 1_000_000, remaining))
			require.Less(t, len(line), columns, "%q", line)
			require.NotContains(t, screen.String(), "\n")
		}
	}
	p, _ := watched(120)
	assert.Regexp(t, `pages?, .* MB .*\d% \[.{20}\] \(\d+ pods/s\) \[\d+s:\d+s\]$`, drawn(p, pageOf("pods", 1, 500, 1500)))
}

func TestProgressMakesWayForTheLog(t *testing.T) {
	t.Parallel()
	p, screen := watched(80)
	drawn(p, pageOf("pods", 1, 500, 1500))
	screen.Reset()
	n, err := fmt.Fprintln(p, "a line of the log")
	require.NoError(t, err)
	assert.Equal(t, len("a line of the log\n"), n)
	fmt.Fprintln(p, "and another")
	assert.Equal(t, "\r\x1b[Ka line of the log\nand another\n", screen.String())
	assert.NotEmpty(t, drawn(p, pageOf("pods", 2, 1000, 1000)), "it comes back")
}

func TestProgressIsGoneAtTheEnd(t *testing.T) {
	t.Parallel()
	p, screen := watched(80)
	end := p.Begin(0)
	require.Eventually(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return strings.Contains(screen.String(), "asking the API server")
	}, time.Minute, time.Millisecond, "it says something before the first page")
	end()
	assert.True(t, strings.HasSuffix(screen.String(), "\r\x1b[K"))
}

func TestProgressSparesTheFlickerOfShortRuns(t *testing.T) {
	t.Parallel()
	p, screen := watched(80)
	p.began = time.Now()
	p.draw(p.began.Add(progressDelay - time.Millisecond))
	assert.Empty(t, screen.String())
	p.draw(p.began.Add(progressDelay))
	assert.NotEmpty(t, screen.String())
}

func TestProgressNeedsATerminal(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	watcher, log := Progress(collector.Invocation{Stderr: &stderr}, logging.Options{})
	end := watcher.Begin(3)
	watcher.Page(pageOf("pods", 1, 500, 1500))
	end()
	assert.Empty(t, stderr.String())
	fmt.Fprintln(log, "the log")
	assert.Equal(t, "the log\n", stderr.String())
}

func TestProgressNamesTheTypeThatIsRead(t *testing.T) {
	t.Parallel()
	p, _ := watched(80)
	assert.Equal(t, "replicasets.apps (700 objects of 1 type, 3.5 MB)", drawn(p, pageOf("replicasets.apps", 1, 700, 0)))
	assert.Equal(t, "pods (1,700 objects of 2 types, 8.5 MB)", drawn(p, pageOf("pods", 1, 1000, 4000)), "pods among others")
	line := drawn(p, pageOf("widgets.example.com of namespace a", 1, 5, 0), pageOf("widgets.example.com of namespace b", 1, 7, 0), pageOf("replicasets.apps", 2, 900, 0))
	assert.Equal(t, "replicasets.apps (1,912 objects of 3 types, 9.6 MB)", line)
	for width, want := range map[int]string{50: "replicasets.apps (1,912 objects of 3 types)", 30: "replicasets.apps", 10: ""} {
		p.width = func() int { return width }
		p.draw(time.Now())
		assert.Equal(t, want, p.shown)
	}
	p, _ = watched(80)
	drawn(p, pageOf("replicasets.apps", 1, 700, 0))
	p.Begin(0)()
	assert.Regexp(t, `^500 of about 2,000 pods, `, drawn(p, pageOf("pods", 1, 500, 1500)), "the pods of an inventory, afterwards")
}
