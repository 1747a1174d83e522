package view

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/schollz/progressbar/v3"

	"stocktake/collector/kube"
)

// unknown is the length of a bar without an end: it shows that something moves.
const unknown = -1

// wideTerminal has room for the time that is left.
const wideTerminal = 100

// bar draws the line. The library is asked for the text only: it would write at
// times of its own choosing.
type bar struct {
	*progressbar.ProgressBar
	pods int64 // about so many there are
}

// newBar begins a line for about so many pods.
func newBar(pods int64, width int) *bar {
	wide, size := width >= wideTerminal, 10
	if wide {
		size = 20
	}
	end := pods
	if pods != unknown {
		end++ // the library draws nothing any more once it is reached
	}
	b := progressbar.NewOptions64(end,
		progressbar.OptionSetWriter(io.Discard),
		progressbar.OptionSetSpinnerChangeInterval(0), // it starts no goroutine
		progressbar.OptionSpinnerType(9),              // a line that turns round
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "=", SaucerHead: ">", SaucerPadding: " ", BarStart: "[", BarEnd: "]"}),
		progressbar.OptionSetWidth(size),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("pods"),
		progressbar.OptionSetElapsedTime(wide), progressbar.OptionSetPredictTime(wide),
	)
	b.StartWithoutRender()
	return &bar{b, pods}
}

// line is how far it has come, in at most one line of a terminal: what a narrow
// one has no room for is left out. The last column stays free, because some
// terminals go on in the next line once it is taken.
func (b *bar) line(read tally, width int) string {
	pods := int64(read.sum().Items)
	if b.pods != unknown && pods > b.pods {
		b.pods = pods // the server's guess was low
		b.ChangeMax64(pods + 1)
	}
	_ = b.Set64(pods) // it can fail on writing, and does not
	words := read.words(b.pods)
	for _, text := range words {
		b.Describe(text)
		if text = strings.Trim(b.String(), "\r "); len(text) < width {
			return text
		}
	}
	return fitting(words, width)
}

// fitting is the first text that there is room for.
func fitting(words []string, width int) string {
	for _, text := range words {
		if len(text) < width {
			return text
		}
	}
	return ""
}

// words say what was read, at length first.
func (t *tally) words(total int64) []string {
	sum := t.sum()
	pods := grouped(int64(sum.Items)) + " pods"
	short := pods
	switch {
	case total != unknown:
		pods = fmt.Sprintf("%s of about %s pods", grouped(int64(sum.Items)), grouped(total))
		short = fmt.Sprintf("%s of %s", grouped(int64(sum.Items)), grouped(total))
	case t.namespaces > 1:
		pods += fmt.Sprintf(", namespace %d of %d", t.begun, t.namespaces)
	}
	pages := strconv.Itoa(sum.Page) + " pages"
	if sum.Page == 1 {
		pages = "1 page"
	}
	size := fmt.Sprintf("%.1f MB", float64(sum.Bytes)/1e6)
	return []string{pods + ", " + pages + ", " + size, pods + ", " + size, pods, short}
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
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
