package view

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"stocktake/collector"
	"stocktake/collector/history"
	"stocktake/collector/moment"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// HistoryOptions says how answers of the history are shown.
type HistoryOptions struct {
	Format    string // one of HistoryFormats; empty: table
	NoHeaders bool
	ExitCode  bool // exit code 10 where something was found
}

// HistoryFormats are the forms in which answers of the history are written, the usual
// one first.
func HistoryFormats() []string { return []string{"table", "wide", "json", "ndjson", "csv"} }

func (v HistoryOptions) check() error {
	if v.Format == "" {
		return nil
	}
	return settings.OneOf("-o", v.Format, HistoryFormats()...)
}

// timeOf is what the word of a flag means; empty restricts nothing.
func timeOf(flag, word string, now time.Time, end func(moment.Moment) time.Time) (time.Time, error) {
	if word == "" {
		return time.Time{}, nil
	}
	m, err := moment.Parse(word, now)
	if err != nil {
		return time.Time{}, settings.Invalid(flag, "%w", err)
	}
	return end(m), nil
}

// span reads --since and --until: from the start of the one to the end of the other.
func span(since, until string, now time.Time) (from, to time.Time, err error) {
	from, wrong := timeOf("--since", since, now, func(m moment.Moment) time.Time { return m.Start })
	to, err = timeOf("--until", until, now, func(m moment.Moment) time.Time { return m.End })
	if err = errors.Join(wrong, err); err == nil && !to.IsZero() && !from.Before(to) {
		err = settings.Invalid("--since", "%s is not before --until %s: nothing lies between them", since, until)
	}
	return from, to, err
}

// viewing opens the history and calls do with one moment of it.
func viewing(ctx context.Context, s *collector.Session, do func(*history.View) error) error {
	store, err := history.Open(ctx, s.Settings.History, history.Reading)
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // nothing was written
	return store.View(ctx, do)
}

// answer is what was found in the history, ready to be written.
type answer struct {
	*report.View
	field    string // of JSON that holds the rows
	rows     any
	nothing  string // the sentence for no rows
	coverage report.Coverage
}

// write writes an answer, and what it covers: below a table for a person, else in JSON or
// to stderr.
func (a answer) write(s *collector.Session, v HistoryOptions) error {
	covered := a.coverage.Sentence(time.Now())
	screen := s.Screen(v.NoHeaders)
	var err error
	switch v.Format {
	case "json":
		return report.Document(s.Stdout, map[string]any{a.field: a.rows, "coverage": a.coverage})
	case "ndjson":
		if err = a.NDJSON(s.Stdout); err == nil {
			err = report.NDJSONLine(s.Stdout, map[string]any{"coverage": a.coverage})
		}
		return err
	case "csv":
		err = a.CSV(s.Stdout)
	case "wide":
		err = a.orNothing(s, func(w io.Writer) error { return a.Wide(w, screen) })
	default:
		err = a.orNothing(s, func(w io.Writer) error { return a.Table(w, screen) })
	}
	if err == nil && (screen.Width == 0 || screen.NoHeader || a.Len() == 0) {
		fmt.Fprintln(s.Stderr, plaintext.Escape(covered))
	}
	return err
}

// orNothing has a sentence in the place of a table without rows.
func (a answer) orNothing(s *collector.Session, table func(io.Writer) error) error {
	if a.Len() > 0 {
		return table(s.Stdout)
	}
	fmt.Fprintln(s.Stderr, plaintext.Escape(a.nothing))
	return nil
}

// found is the verdict of --exit-code.
func (a answer) found(v HistoryOptions) error {
	if v.ExitCode && a.Len() > 0 {
		return collector.ErrDifferent
	}
	return nil
}

// covers reads what an answer covers.
func covers(v *history.View, clusters []string) (report.Coverage, error) {
	all, err := v.Coverage(clusters)
	c := report.Coverage{Clusters: make([]report.ClusterCoverage, len(all))}
	for i, of := range all {
		one := report.ClusterCoverage{
			Cluster: of.Cluster, Since: report.Instant{Time: of.Since}, Last: report.Instant{Time: of.Last}, Whole: report.Instant{Time: of.Whole},
			Forgotten: of.Forgotten, Gaps: list(of.Gaps), Unread: []report.UnreadNamespace{},
		}
		for _, ns := range of.Unread {
			one.Unread = append(one.Unread, report.UnreadNamespace{Namespace: ns.Name, Last: report.Instant{Time: ns.Last}})
		}
		c.Clusters[i] = one
	}
	return c, err
}

func spotOf(s *history.Sighting) report.Spot {
	return report.Spot{
		Cluster: s.Cluster, Namespace: s.Place.Namespace, Workload: strings.Trim(s.Place.WorkloadKind+"/"+s.Place.Workload, "/"),
		Container: s.Place.Container, Kind: s.Place.ContainerKind,
	}
}

func picturedOf(i history.Image) report.Pictured {
	p := report.Pictured{Name: i.Name, Tag: i.Tag}
	if i.IsConfig() {
		p.ConfigID = i.Digest
	} else {
		p.Digest = i.Digest
	}
	return p
}

// HistoryClusterNames are the clusters that the history knows, for a shell, or none if it
// does not say within two seconds.
func HistoryClusterNames(ctx context.Context, inv collector.Invocation) (names []string) {
	ctx, cancel := context.WithTimeout(ctx, typingTimeout)
	defer cancel()
	set, _, _ := collector.Load(inv)
	store, err := history.Open(ctx, set.History, history.Reading)
	if err != nil {
		return nil
	}
	defer store.Close() //nolint:errcheck // nothing was written
	_ = store.View(ctx, func(v *history.View) error {
		names = slices.Clone(v.Clusters())
		return nil
	})
	return names
}
