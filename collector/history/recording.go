package history

import (
	"context"
	"database/sql"
	"time"
)

// kindImage is what the feeds of this version tell of.
const kindImage = "image"

// feed is what is known of a series of runs. Times are milliseconds, and valid if they are known.
type feed struct {
	id, scope              int64
	selection              string
	lastAt, readAt, wallAt int64
	wholeAt                sql.NullInt64
}

// namespace is what is known of a namespace before a run, and what the run says of it.
type namespace struct {
	id   int64 // 0 while it is new
	name string
	// Of the newest row of its coverage. No feed: it was never read.
	feed    *feed
	scope   int64
	firstAt int64
	endedAt sql.NullInt64 // not valid: it is read by each run of its feed

	seen *namespaceSeen // nil: it was not read in full; without uses: it is empty
	gone bool
}

// lastAt is when a namespace was read the last time, before this run.
func (n *namespace) lastAt() sql.NullInt64 {
	if n.feed == nil || n.endedAt.Valid {
		return n.endedAt
	}
	return sql.NullInt64{Int64: n.feed.lastAt, Valid: true}
}

// recording is a run on its way into the history, inside a transaction.
type recording struct {
	tx      *sql.Tx
	seen    *Recorder
	run     *Run
	cluster int64
	scope   int64
	feeds   map[int64]*feed // of the cluster, by id
	own     *feed           // that of the run; its id is 0 while it is new
	at      int64           // when, in milliseconds
	spaces  map[string]*namespace
}

// begin takes the lock of the cluster, and reads what is known of its runs. In SQLite the
// transaction has locked the whole file.
func begin(ctx context.Context, tx *sql.Tx, seen *Recorder, run *Run) (*recording, error) {
	r := &recording{tx: tx, seen: seen, run: run, feeds: map[int64]*feed{}, spaces: map[string]*namespace{}}
	err := tx.QueryRowContext(ctx, `INSERT INTO cluster (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`,
		clean(run.Cluster)).Scan(&r.cluster)
	if err != nil {
		return nil, err
	}
	selection := clean(run.Selection)
	r.at = run.At.UnixMilli()
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		f := &feed{}
		if err := rows.Scan(&f.id, &f.selection, &f.scope, &f.lastAt, &f.readAt, &f.wallAt, &f.wholeAt); err != nil {
			return err
		}
		r.feeds[f.id] = f
		r.at = max(r.at, f.lastAt+1)
		if f.selection == selection {
			r.own = f
		}
		return nil
	}, `SELECT id, selection, scope_id, last_at, read_at, wall_at, whole_at FROM feed WHERE cluster_id = $1 AND kind = $2`, r.cluster, kindImage)
	if r.own == nil {
		r.own = &feed{selection: selection}
	}
	return r, err
}

// isLate reports whether the run began before one that is recorded, and would put what it
// saw in the place of something newer. A clock that was set back between the two tells nothing, and
// then the run counts.
func (r *recording) isLate(f *feed) bool {
	return f.id != 0 && r.run.Began.UnixMilli() <= f.readAt && r.run.At.UnixMilli() >= f.wallAt
}

// isRepeated reports whether the run is the one that was recorded last.
func (r *recording) isRepeated() bool {
	return r.own.id != 0 && r.run.Began.UnixMilli() == r.own.readAt && r.run.At.UnixMilli() == r.own.wallAt
}

// findScope makes the scope of the run known.
func (r *recording) findScope(ctx context.Context) error {
	text := clean(r.run.Scope)
	if _, err := r.tx.ExecContext(ctx, `INSERT INTO scope (cluster_id, text) VALUES ($1, $2) ON CONFLICT (cluster_id, text) DO NOTHING`, r.cluster, text); err != nil {
		return err
	}
	return r.tx.QueryRowContext(ctx, `SELECT id FROM scope WHERE cluster_id = $1 AND text = $2`, r.cluster, text).Scan(&r.scope)
}

// putFeed notes that the feed has seen something. The feed of before is still what r.own says.
func (r *recording) putFeed(ctx context.Context) (id int64, err error) {
	whole := sql.NullInt64{Int64: r.at, Valid: true}
	if !r.run.Outcome.Complete {
		whole = r.wholeAt()
	}
	if _, err = r.tx.ExecContext(ctx, `UPDATE cluster SET forgotten_at = NULL WHERE id = $1 AND forgotten_at IS NOT NULL`, r.cluster); err != nil {
		return 0, err
	}
	err = r.tx.QueryRowContext(ctx, `INSERT INTO feed (cluster_id, kind, selection, scope_id, last_at, read_at, wall_at, whole_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (cluster_id, kind, selection) DO UPDATE SET scope_id = excluded.scope_id, last_at = excluded.last_at, read_at = excluded.read_at,
		wall_at = excluded.wall_at, whole_at = excluded.whole_at RETURNING id`,
		r.cluster, kindImage, r.own.selection, r.scope, r.at, r.run.Began.UnixMilli(), r.run.At.UnixMilli(), whole).Scan(&id)
	return id, err
}

// wholeAt is the last time that the feed read all that it selects, in the scope of this run.
func (r *recording) wholeAt() sql.NullInt64 {
	if r.own.id == 0 || r.own.scope != r.scope {
		return sql.NullInt64{}
	}
	return r.own.wholeAt
}

// putRun adds the row of the run.
func (r *recording) putRun(ctx context.Context, feedID sql.NullInt64, done Recorded) error {
	mixed := 0
	if r.run.Outcome.Listing.Consistency == "mixed" {
		mixed = 1
	}
	_, err := r.tx.ExecContext(ctx, `INSERT INTO run (cluster_id, feed_id, at, wall_at, read_at, skew, state, mixed, exit_code, version, opened, closed, gaps)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		r.cluster, feedID, r.at, r.run.At.UnixMilli(), r.run.Began.UnixMilli(), r.run.Skew.Milliseconds(), string(done.State), mixed, r.run.ExitCode,
		clean(r.run.Version), done.Opened, done.Closed, gapsText(r.run.Outcome.Gaps))
	return err
}

// milli is a time of the history.
func milli(at int64) time.Time { return time.UnixMilli(at).UTC() }
