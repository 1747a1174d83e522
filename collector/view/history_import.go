package view

import (
	"context"
	"fmt"
	"slices"
	"time"

	"stocktake/collector"
	"stocktake/collector/history"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/plaintext"
	"stocktake/collector/saved"
	"stocktake/collector/settings"
)

// Import records inventories that were saved, each by its own time and in a transaction of its own, the
// oldest first. What is in the history already counts once.
func Import(ctx context.Context, inv collector.Invocation, files []string) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return importAll(ctx, s, files) })
}

func importAll(ctx context.Context, s *collector.Session, files []string) error {
	if slices.Contains(files, "-") && len(files) > 1 {
		return fmt.Errorf("%w: history import: stdin (-) can be read but once: give it alone", settings.ErrInvalid)
	}
	files, err := oldestFirst(s, files)
	if err != nil {
		return err
	}
	store, err := history.Open(ctx, s.Settings.History, history.Writing)
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // what was recorded is committed
	for _, path := range files {
		if err := importFile(ctx, s, store, path); err != nil {
			return err
		}
	}
	return nil
}

// oldestFirst reads files for the times that are in them: the history goes one way.
func oldestFirst(s *collector.Session, files []string) ([]string, error) {
	if len(files) < 2 {
		return files, nil
	}
	times := make(map[string]time.Time, len(files))
	for _, path := range files {
		loaded, _, err := collector.ReadSaved(s, path, inventory.Tee{})
		if err != nil {
			return nil, err
		}
		times[path] = loaded.Collected
	}
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b string) int { return times[a].Compare(times[b]) })
	return slices.Compact(sorted), nil
}

func importFile(ctx context.Context, s *collector.Session, store *history.Store, path string) error {
	seen := history.NewRecorder()
	loaded, name, err := collector.ReadSaved(s, path, seen)
	if err != nil {
		return err
	}
	run := runOf(loaded)
	known, newest, err := false, time.Time{}, error(nil)
	err = store.View(ctx, func(v *history.View) (err error) {
		known, newest, err = v.Knows(run.Cluster, run.Began, run.At)
		return err
	})
	if err != nil {
		return err
	}
	said := "it is in the history already"
	switch {
	case known:
	case !run.Began.After(newest):
		return fmt.Errorf("%w: %s is of %s, and the history of %s goes to %s: what is older than that cannot be added",
			settings.ErrInvalid, name, run.Began.Format(time.RFC3339), run.Cluster, newest.Format(time.RFC3339))
	default:
		done, err := store.Record(ctx, seen, run)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		said = recordedWords(done)
	}
	fmt.Fprintf(s.Stdout, "%s: %s of %s: %s\n", plaintext.Line(name), plaintext.Line(run.Cluster), run.Began.UTC().Format(time.RFC3339), said)
	return nil
}

func recordedWords(done history.Recorded) string {
	switch done.State {
	case history.Superseded:
		return "not recorded: a run that began later is"
	case history.Repeated:
		return "it is in the history already"
	case history.Complete, history.Incomplete:
	}
	return fmt.Sprintf("%s recorded, %d opened, %d closed", done.State, done.Opened, done.Closed)
}

// runOf is what a saved inventory says of the run that made it. A kind of body that has room for
// less does not tell that something is gone: it is a scope of its own. Which namespaces were
// selected none of them says.
func runOf(loaded *saved.Loaded) history.Run {
	scope := "saved " + string(loaded.Kind)
	if loaded.Kind == payload.KAI && loaded.OfKAI {
		scope += " by KAI"
	}
	run := history.Run{
		Cluster: loaded.Name, Began: loaded.Collected, At: loaded.Collected, Scope: scope, Selection: "saved",
		Namespaces: inventory.NamesOf(loaded.Namespaces), Outcome: inventory.Outcome{Complete: true, Listed: true}, Partial: true, Version: "import",
	}
	if loaded.Outcome != nil {
		run.Outcome = *loaded.Outcome
	}
	return run
}
