package collector

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"stocktake/collector/history"
	"stocktake/collector/inventory"
)

// errNotRecorded says that everything else of a run is done.
var errNotRecorded = fmt.Errorf("%w: this run is not in it", history.ErrUnavailable)

// checkHistory tries the history before the run costs anything. That it is away now is no reason
// to deliver nothing, and it may be back in the end.
func checkHistory(ctx context.Context, s *Session) error {
	if !s.Settings.records() {
		return nil
	}
	store, err := history.Open(ctx, s.Settings.History, history.Writing)
	if errors.Is(err, history.ErrUnavailable) {
		s.Log.Warn().Err(err).Msg("the history cannot be written now; the run goes on, and tries it again in the end")
		return nil
	}
	if err != nil {
		return err
	}
	return store.Close()
}

// record writes into the history what the run saw, whatever came of its delivery: it was seen. A
// run that was called off is not in it, nor one that found nothing where that is refused.
func record(ctx context.Context, s *Session, p phases, inv *inventoryMaker, failure error) (*history.Recorded, error) {
	if inv == nil || inv.seen == nil || ctx.Err() != nil || errors.Is(failure, ErrEmpty) {
		return nil, nil //nolint:nilnil // there is nothing to record
	}
	store, err := history.Open(ctx, s.Settings.History, history.Writing)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errNotRecorded, err) //nolint:errorlint // whatever it was, the settings were good enough to deliver
	}
	defer store.Close() //nolint:errcheck // what was recorded is safe
	recorded, err := store.Record(ctx, inv.seen, p.run(ctx, s, failure))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errNotRecorded, err) //nolint:errorlint // as above
	}
	s.Log.Info().Str("state", string(recorded.State)).Int("opened", recorded.Opened).Int("closed", recorded.Closed).Msg("the run is in the history")
	return &recorded, nil
}

// run is what the history is told of the run besides what was seen.
func (p phases) run(ctx context.Context, s *Session, failure error) history.Run {
	outcome := p.read.outcome
	outcome.Complete = outcome.Complete && p.read.whole
	return history.Run{
		Cluster: p.plan.Cluster, Began: s.Began, Skew: p.plan.Kube().Skew(),
		Scope: "ignore-not-running=" + strconv.FormatBool(s.Settings.Payload.IgnoreNotRunning), Selection: p.plan.Selection.String(),
		Selects: p.plan.Selection.Match, Namespaces: inventory.NamesOf(p.namespaces()), Outcome: outcome,
		Partial: s.Settings.Run.AllowIncomplete && p.read.whole, ExitCode: int(CodeOf(ctx, failure)), Version: s.Build.Version,
	}
}
