package view

import (
	"context"
	"fmt"
	"time"

	"stocktake/collector"
	"stocktake/collector/history"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// WhereQuery says which image is looked for in the history, and where.
type WhereQuery struct {
	Image        string // a digest, the first of its digits, a name, a glob
	Clusters     []string
	Since, Until string // moments; empty: always
	Now          bool   // only what is there
}

// Where shows where an image was seen, from when to when, and how much that answer is
// worth.
func Where(ctx context.Context, inv collector.Invocation, q WhereQuery, v HistoryOptions) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return where(ctx, s, q, v) })
}

func where(ctx context.Context, s *collector.Session, q WhereQuery, v HistoryOptions) error {
	if err := v.check(); err != nil {
		return err
	}
	asked := history.WhereQuery{Image: q.Image, Clusters: q.Clusters, Now: q.Now}
	var err error
	if asked.Since, asked.Until, err = span(q.Since, q.Until, time.Now()); err != nil {
		return err
	}
	if q.Now && (q.Since != "" || q.Until != "") {
		return settings.Invalid("--now", "it does not go with --since or --until: leave one of them out")
	}
	found := []report.Sighting{}
	var coverage report.Coverage
	err = viewing(ctx, s, func(h *history.View) (err error) {
		if err = h.Where(asked, func(one history.Sighting) error {
			found = append(found, sightingOf(&one))
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
		View: report.OfSightings(found, coverage.Sentence(time.Now())), field: "sightings", rows: found,
		nothing: fmt.Sprintf("Not seen: %s%s", q.Image, q.words()), coverage: coverage,
	}
	if err := a.write(s, v); err != nil {
		return err
	}
	return a.found(v)
}

// words say when it was looked for, nothing if always.
func (q WhereQuery) words() string {
	words := ""
	if q.Now {
		words += ", now"
	}
	if q.Since != "" {
		words += ", since " + q.Since
	}
	if q.Until != "" {
		words += ", until " + q.Until
	}
	return words
}

func sightingOf(s *history.Sighting) report.Sighting {
	return report.Sighting{
		Spot: spotOf(s), Pictured: picturedOf(s.Image),
		After: report.Instant{Time: s.Times.After}, First: report.Instant{Time: s.Times.First}, Last: report.Instant{Time: s.Times.Last}, Gone: report.Instant{Time: s.Times.Gone},
		State: string(s.Presence), Why: s.Why, Absences: s.Absences,
	}
}
