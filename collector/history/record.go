package history

import (
	"context"
	"database/sql"
	"time"
)

// Record writes what a run saw, within history.timeout: all of it or nothing. It may be called again with the
// same recorder.
func (s *Store) Record(ctx context.Context, seen *Recorder, run Run) (Recorded, error) {
	if run.At.IsZero() {
		run.At = time.Now()
	}
	ctx, cancel := s.inTime(ctx)
	defer cancel()
	var done Recorded
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		done, err = record(ctx, tx, seen, &run, s.options)
		return err
	})
	if err == nil && s.db.QueryRowContext(ctx, s.engine.size).Scan(&done.Bytes) != nil {
		done.Bytes = 0 // the run is in it all the same
	}
	return done, unavailable("record the run", err)
}

func record(ctx context.Context, tx *sql.Tx, seen *Recorder, run *Run, o Options) (done Recorded, err error) {
	r, err := begin(ctx, tx, seen, run)
	if err != nil {
		return done, err
	}
	done.At = milli(r.at)
	if err = r.findSpaces(ctx); err != nil {
		return done, err
	}
	late := r.isLate(r.own)
	for f := range r.replaced() {
		late = late || r.isLate(f)
	}
	switch {
	case r.isRepeated():
		done.State = Repeated
		return done, nil
	case late:
		done.State = Superseded
		return done, r.putRun(ctx, sql.NullInt64{}, done)
	case run.Outcome.Complete:
		done.State = Complete
	case !run.Partial:
		done.State = Incomplete
		return done, r.putRun(ctx, sql.NullInt64{}, done)
	default:
		done.State = Incomplete
	}
	if done.Opened, done.Closed, err = r.change(ctx, o); err != nil {
		return done, err
	}
	feedID, err := r.putFeed(ctx)
	if err != nil {
		return done, err
	}
	if err = r.putCoverage(ctx, feedID); err != nil {
		return done, err
	}
	if err = r.putRun(ctx, sql.NullInt64{Int64: feedID, Valid: true}, done); err != nil {
		return done, err
	}
	_, err = prune(ctx, tx, r.cluster, r.at, o)
	return done, err
}

// change writes what opened and what closed.
func (r *recording) change(ctx context.Context, o Options) (opened, closed int, err error) {
	if err = r.findScope(ctx); err != nil {
		return 0, 0, err
	}
	if err = r.findNamespaces(ctx); err != nil {
		return 0, 0, err
	}
	changes, err := r.compare(ctx)
	if err != nil {
		return 0, 0, err
	}
	if err = r.closeGone(ctx, changes.closed); err != nil {
		return 0, 0, err
	}
	opened, err = r.openSeen(ctx, changes, time.Duration(o.Join))
	return opened, len(changes.closed), err
}
