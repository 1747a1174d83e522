package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"stocktake/collector"
	"stocktake/collector/compare"
	"stocktake/collector/inventory"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
)

// pair is what is compared.
type pair struct{ old, new *inventoryRead }

// compare compares in the view that both can give.
func (p pair) compare(namespaces []string, inserted string) *compare.Result {
	o := compare.Options{Namespaces: namespaces, Inserted: inserted, OldPartial: p.old.partial(), NewPartial: p.new.partial()}
	return compare.Compare(p.old.as(p.new.kind), p.new.as(p.old.kind), o)
}

// verdict is the exit code: what was found is certain, that nothing was is so only if
// all was compared.
func (p pair) verdict(result *compare.Result) error {
	switch {
	case !result.Same():
		return collector.ErrDifferent
	case p.old.partial() || p.new.partial():
		return fmt.Errorf("%w: no difference in what could be compared", collector.ErrIncomplete)
	}
	return nil
}

// notes are what a reader must know of the two before the changes.
func (p pair) notes(result *compare.Result) []string {
	var notes []string
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	for _, side := range []*inventoryRead{p.old, p.new} {
		if side.ofRun {
			note("%s", side.runNote(time.Now()))
		}
	}
	if p.ofTwoClusters() {
		note("these are two clusters: the old inventory is of %s, the new one of %s", p.old.from.Cluster.Name, p.new.from.Cluster.Name)
	}
	if p.old.partial() {
		note("the old inventory is incomplete: %s", gapWords(p.old.gaps()))
	}
	if p.new.partial() {
		note("the new inventory is incomplete: %s", gapWords(p.new.gaps()))
	}
	if p.old.kind != p.new.kind {
		note("the inventories are of the kinds %s and %s: compared is what both can know", p.old.kind, p.new.kind)
	}
	if len(result.Unread) > 0 {
		note("not compared, because one of the inventories does not have them: %s", unreadWords(result.Unread))
	}
	return append(notes, doubtNotes(result.Uncertain)...)
}

// runNote says which run a moment has led to.
func (i *inventoryRead) runNote(now time.Time) string {
	at := i.from.Cluster.Collected
	return fmt.Sprintf("%s is %s as the run of %s saw it, %s ago", i.source, i.from.Cluster.Name, at.Local().Format("2006-01-02 15:04"), report.Age(now.Sub(at)))
}

// doubtNotes say what was not counted and why, and name the first images: somebody who
// expects a change must not have to guess whether it is among them.
func doubtNotes(uncertain []compare.Change) []string {
	images := map[compare.Doubt][]string{}
	counts := map[compare.Doubt]int{}
	for _, c := range uncertain {
		counts[c.Doubt]++
		if name := c.Image(); !slices.Contains(images[c.Doubt], name) {
			images[c.Doubt] = append(images[c.Doubt], name)
		}
	}
	var notes []string
	for _, doubt := range slices.Sorted(maps.Keys(images)) {
		notes = append(notes, fmt.Sprintf("not counted (%d): %s: %s", counts[doubt], doubt, plaintext.Some(images[doubt], 3)))
	}
	return notes
}

// ofTwoClusters judges by the UIDs, which never lie, and failing that by the names
// that people gave. The live cluster may have none.
func (p pair) ofTwoClusters() bool {
	a, b := p.old.from.Cluster, p.new.from.Cluster
	if a.UID != "" && b.UID != "" {
		return a.UID != b.UID
	}
	return p.old.source != live && p.new.source != live && a.Name != b.Name
}

func gapWords(gaps []inventory.Gap) string {
	words := make([]string, len(gaps))
	for i, gap := range gaps {
		words[i] = gap.Source + ": " + gap.Reason
	}
	return cmp.Or(strings.Join(words, "; "), "it does not say why")
}

func unreadWords(all []compare.Unread) string {
	words := make([]string, len(all))
	for i, each := range all {
		words[i] = fmt.Sprintf("%s (unread in the %s one)", each.Namespace, each.In)
	}
	return strings.Join(words, ", ")
}
