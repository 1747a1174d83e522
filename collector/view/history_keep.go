package view

import (
	"context"
	"fmt"

	"stocktake/collector"
	"stocktake/collector/history"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
)

// HistoryStatus shows what the history is like.
func HistoryStatus(ctx context.Context, inv collector.Invocation, v HistoryOptions) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error {
		if err := v.check(); err != nil {
			return err
		}
		store, err := history.Open(ctx, s.Settings.History, history.Reading)
		if err != nil {
			return err
		}
		defer store.Close() //nolint:errcheck // nothing was written
		status, err := store.Status(ctx)
		if err != nil {
			return err
		}
		return showStatus(s, v, status)
	})
}

func showStatus(s *collector.Session, v HistoryOptions, status history.Status) error {
	rows := make([]report.HistoryCluster, len(status.Clusters))
	for i, c := range status.Clusters {
		rows[i] = report.HistoryCluster{
			Cluster: c.Name, Since: report.Instant{Time: c.Since}, Read: report.Instant{Time: c.Read}, Tried: report.Instant{Time: c.Tried},
			State: string(c.State), Namespaces: c.Covered, Unread: c.Uncovered, Gaps: list(c.Gaps), Skew: c.Skew.Seconds(), Forgotten: c.Forgotten,
		}
	}
	about := report.HistoryAbout{Engine: status.Engine, Schema: status.Version, Bytes: status.Bytes, Runs: status.Runs}
	view, screen := report.OfHistory(rows, about), s.Screen(v.NoHeaders)
	switch v.Format {
	case "json":
		return report.Document(s.Stdout, map[string]any{"history": about, "clusters": rows})
	case "ndjson":
		return view.NDJSON(s.Stdout)
	case "csv":
		return view.CSV(s.Stdout)
	}
	if view.Len() == 0 {
		fmt.Fprintln(s.Stderr, "No clusters found: nothing was recorded yet")
		return nil
	}
	if v.Format == "wide" {
		return view.Wide(s.Stdout, screen)
	}
	if err := view.Table(s.Stdout, screen); err != nil || screen.Width > 0 {
		return err
	}
	fmt.Fprintln(s.Stderr, about.Sentence())
	return nil
}

// Prune deletes what the settings do not keep.
func Prune(ctx context.Context, inv collector.Invocation) collector.Code {
	return keeping(ctx, inv, func(ctx context.Context, s *collector.Session, store *history.Store) error {
		n, err := store.Prune(ctx)
		if err == nil {
			fmt.Fprintf(s.Stdout, "%s deleted\n", plaintext.Plural(int(n), "row"))
		}
		return err
	})
}

// Forget says that a cluster is no more.
func Forget(ctx context.Context, inv collector.Invocation, cluster string) collector.Code {
	return keeping(ctx, inv, func(ctx context.Context, s *collector.Session, store *history.Store) error {
		n, err := store.Forget(ctx, cluster)
		if err == nil {
			fmt.Fprintf(s.Stdout, "%s is forgotten: %s closed, and deleted in %s; its next run takes that back\n",
				plaintext.Line(cluster), plaintext.Plural(int(n), "sighting"), s.Settings.History.Keep)
		}
		return err
	})
}

// Migrate brings the schema up to date.
func Migrate(ctx context.Context, inv collector.Invocation) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error {
		from, to, err := history.Migrate(ctx, s.Settings.History)
		switch {
		case err != nil:
			return err
		case from >= to:
			_, err = fmt.Fprintf(s.Stdout, "the schema is up to date: %d\n", from)
		default:
			_, err = fmt.Fprintf(s.Stdout, "the schema was %d and is %d\n", from, to)
		}
		return err
	})
}

// keeping opens the history for somebody who changes it.
func keeping(ctx context.Context, inv collector.Invocation, do func(context.Context, *collector.Session, *history.Store) error) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error {
		store, err := history.Open(ctx, s.Settings.History, history.Writing)
		if err != nil {
			return err
		}
		defer store.Close() //nolint:errcheck // what it did is committed
		return do(ctx, s, store)
	})
}
