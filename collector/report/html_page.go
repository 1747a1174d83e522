package report

import (
	"bufio"
	"cmp"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/plaintext"
)

// HTML writes images as a page for a browser, with all that is known of them. The
// version is that of this program.
func (s *Stock) HTML(w io.Writer, lines []Line, version string) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"ascii": ascii, "printable": plaintext.Line, "thousands": thousands, "count": count, "list": safeList,
	}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	out := bufio.NewWriterSize(w, 64<<10)
	if err := t.Execute(out, s.page(lines, version)); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}

	return nil
}

// page is what the template of the page knows.
type page struct {
	Style   template.CSS
	Prelude template.JS
	Script  template.JS
	Policy  string
	Version string

	About
	Collected  time.Time // in UTC
	Incomplete bool
	Unsure     bool // nobody knows whether it is complete
	Mixed      bool

	Tiles  []tile
	Charts []chart
	Flags  []flagged
	Rows   []pageRow
}

// tile is a number of the overview.
type tile struct {
	Count int
	Label string
	Alarm bool // somebody should look at it
}

// chart shows how many images each registry or namespace has.
type chart struct {
	Facet      string // "registry"
	Title      string // "Images per registry"
	Every      string // "All registries"
	Bars, Rest []bar  // Rest is seen on demand
}

type bar struct {
	Name  string
	Count int
	Share string // of the longest bar, in percent
}

// flagged is a flag, and how many images have it.
type flagged struct {
	Flag    Flag
	Meaning string
	Count   int
}

// manyBars is how many bars of a chart are seen at first.
const manyBars = 8

func (s *Stock) page(lines []Line, version string) page {
	a := s.About
	registries, namespaces := map[string]int{}, map[string]int{}
	for i := range lines {
		registries[lines[i].Registry]++
		for _, namespace := range lines[i].Namespaces {
			namespaces[namespace]++
		}
	}
	flags := flagsOf(lines)

	return page{
		Style: template.CSS(pageStyle), Prelude: pagePrelude, Script: template.JS(pageScript), //nolint:gosec // these are files of this program
		Policy: policy(), Version: version,
		About: a, Collected: a.Collected.UTC(), Incomplete: a.Partial || len(a.Gaps) > 0,
		Unsure: !a.Partial && a.Consistency == "", Mixed: a.Consistency == inventory.Mixed,
		Tiles: s.tiles(len(lines), countNamed(namespaces), countNamed(registries), flags),
		Charts: []chart{
			newChart("registry", "registries", registries),
			newChart("namespace", "namespaces", namespaces),
		},
		Flags: flags, Rows: pageRows(lines),
	}
}

func (s *Stock) tiles(images, namespaces, registries int, flags []flagged) []tile {
	tiles := []tile{{Count: images, Label: "image"}}
	if pods := s.Pods(); pods > 0 {
		tiles = append(tiles, tile{Count: pods, Label: "pod"})
	}
	tiles = append(tiles, tile{Count: namespaces, Label: "namespace"}, tile{Count: registries, Label: "registry"})
	without := 0
	for _, f := range flags {
		if f.Flag == NoDigest || f.Flag == LocalImport {
			without += f.Count
		}
	}
	if without > 0 {
		tiles = append(tiles, tile{without, "without digest", true})
	}

	return tiles
}

// countNamed leaves out what has no name: images that are none have no registry.
func countNamed(counts map[string]int) int {
	if _, nameless := counts[""]; nameless {
		return len(counts) - 1
	}

	return len(counts)
}

// Caption is what is counted, in the form that goes with the number.
func (t tile) Caption() string {
	if t.Alarm {
		return t.Label
	}
	_, caption, _ := strings.Cut(count(t.Count, t.Label), " ")

	return caption
}

// newChart sorts the longest bars to the front.
func newChart(one, many string, counts map[string]int) chart {
	bars := make([]bar, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		bars = append(bars, bar{Name: name, Count: counts[name]})
	}
	slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(b.Count, a.Count) })
	for i := range bars {
		bars[i].Share = fmt.Sprintf("%.1f%%", 100*float64(bars[i].Count)/float64(bars[0].Count))
	}
	c := chart{Facet: one, Title: "Images per " + one, Every: "All " + many, Bars: bars}
	if len(bars) > manyBars+1 { // a single one is not worth hiding
		c.Bars, c.Rest = bars[:manyBars], bars[manyBars:]
	}

	return c
}

// flagsOf counts the flags that some image has.
func flagsOf(lines []Line) []flagged {
	all := []flagged{
		{NoDigest, "Which content runs is not known: there is only a name and a tag, and tags can move.", 0},
		{ConfigIDOnly, "The node tells the content by a hash that no registry knows, as for images loaded by hand.", 0},
		{ImpliedLatest, "Neither tag nor digest was written, so “latest” was pulled.", 0},
		{NotRunning, "Every pod that uses the image waits, or has ended.", 0},
		{Invalid, "The text is no image reference. Nothing can run from it.", 0},
		{LocalImport, "The image was loaded onto its node from an archive: no registry has the digest, and nothing can be pulled by it.", 0},
		{ForeignDigest, "The node has the same image from another repository too, and tells the digest that it has there. The repository that is named may not have it.", 0},
		{OtherDigest, "The node reports another digest than the one that was written, as for one manifest of an index.", 0},
		{ShortName, "No registry was written, and the node chose the one that is shown.", 0},
		{OldStatus, "The image waits to be pulled, and its container still tells what it ran before. No digest was taken from that.", 0},
		{UnknownRuntime, "No registry was written, and it is not known whether the node looks such names up elsewhere than on docker.io.", 0},
	}
	for i := range all {
		for j := range lines {
			if lines[j].Has(all[i].Flag) {
				all[i].Count++
			}
		}
	}

	return slices.DeleteFunc(all, func(f flagged) bool { return f.Count == 0 })
}
