package view

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"stocktake/collector"
	"stocktake/collector/history"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
)

// ChangesQuery says which changes are looked for in the history.
type ChangesQuery struct {
	Image        string // as in WhereQuery; empty: any
	Workload     string // NAME, or KIND/NAME; empty: any
	Namespaces   []string
	Clusters     []string
	Since, Until string // moments; no since: UsualSince
}

// UsualSince is how far back changes are shown unless somebody says how far.
const UsualSince = "7d"

// Changes shows what runs saw that was otherwise before, the newest first.
func Changes(ctx context.Context, inv collector.Invocation, q ChangesQuery, v HistoryOptions) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return changes(ctx, s, q, v) })
}

func changes(ctx context.Context, s *collector.Session, q ChangesQuery, v HistoryOptions) error {
	if err := v.check(); err != nil {
		return err
	}
	asked := history.ChangesQuery{Image: q.Image, Workload: q.Workload, Namespaces: q.Namespaces, Clusters: q.Clusters}
	var err error
	if asked.Since, asked.Until, err = span(cmp.Or(q.Since, UsualSince), q.Until, time.Now()); err != nil {
		return err
	}
	found := []report.SeenChange{}
	var coverage report.Coverage
	err = viewing(ctx, s, func(h *history.View) (err error) {
		if err = h.Changes(asked, func(one history.Change) error {
			found = append(found, seenChangeOf(&one))
			return nil
		}); err == nil {
			coverage, err = covers(h, q.Clusters)
		}
		return err
	})
	if err != nil {
		return err
	}
	a := answer{
		View: report.OfSeenChanges(found, total(found, asked.Since, coverage)), field: "changes", rows: found,
		nothing: "No changes found since " + asked.Since.Local().Format("2006-01-02 15:04") + q.words(), coverage: coverage,
	}
	if err := a.write(s, v); err != nil {
		return err
	}
	return a.found(v)
}

// words say what was looked for, nothing if anything.
func (q ChangesQuery) words() string {
	var words strings.Builder
	for _, part := range [][2]string{
		{"until", q.Until}, {"image", q.Image}, {"workload", q.Workload}, {"namespace", strings.Join(q.Namespaces, ", ")},
	} {
		if part[1] != "" {
			words.WriteString(", " + part[0] + " " + part[1])
		}
	}
	return words.String()
}

// total counts the changes by their kind, and says what was looked at.
func total(found []report.SeenChange, since time.Time, coverage report.Coverage) string {
	by := map[string]int{}
	for i := range found {
		by[found[i].Kind]++
	}
	var words []string
	for _, kind := range slices.Sorted(maps.Keys(by)) {
		words = append(words, fmt.Sprintf("%d %s", by[kind], kind))
	}
	return plaintext.Plural(len(found), "change") + " since " + since.Local().Format("2006-01-02 15:04") + " (" + strings.Join(words, ", ") + "); " +
		coverage.Sentence(time.Now())
}

func seenChangeOf(c *history.Change) report.SeenChange {
	was := c.Was
	if was != "" && c.Image.IsConfig() {
		was = "config " + was
	}
	return report.SeenChange{
		At: report.Instant{Time: c.At}, Before: report.Instant{Time: c.Before}, Kind: string(c.Kind), Spot: spotOf(&c.Sighting), Pictured: picturedOf(c.Image),
		Was: was, Why: c.Why, Urgent: c.Kind == history.ChangeReTagged,
	}
}
