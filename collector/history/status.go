package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"stocktake/collector/inventory"
)

// Status is what a history is like.
type Status struct {
	Engine   string // SQLite, PostgreSQL
	Version  int    // of its schema
	Bytes    int64
	Runs     int // that are still remembered
	Clusters []ClusterStatus
}

// ClusterStatus is how far a cluster is known.
type ClusterStatus struct {
	Name      string
	Since     time.Time // the first reading of a namespace that is remembered; zero: there is none
	Read      time.Time // the last run that saw anything; zero: there was none
	Tried     time.Time // the last run, whatever came of it
	State     State     // of that
	Skew      time.Duration
	Covered   int // namespaces that are read
	Uncovered int // namespaces that are not, and have sightings that nobody saw go
	Gaps      []inventory.Gap
	Forgotten bool
}

// Probe finds out whether runs can be recorded, and changes nothing: it makes no file, and brings no schema
// up to date. It returns the status also where they cannot.
func Probe(ctx context.Context, o Options) (Status, error) {
	s, err := Open(ctx, o, Reading)
	if err != nil {
		return Status{}, err
	}
	defer s.Close() //nolint:errcheck // it was only read
	status, err := s.Status(ctx)
	if err == nil {
		err = probeWriting(ctx, o)
	}
	return status, err
}

// probeWriting begins a transaction that writes, and takes it back.
func probeWriting(ctx context.Context, o Options) error {
	s, err := connect(ctx, o, Writing, schemas)
	if err != nil {
		return unavailable("open it to write", err)
	}
	defer s.db.Close() //nolint:errcheck // nothing was written
	ctx, cancel := s.inTime(ctx)
	defer cancel()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return unavailable("write it", explained(ctx, err))
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	if s.engine.probe != "" {
		_, err = tx.ExecContext(ctx, s.engine.probe)
	}
	return unavailable("write it", explained(ctx, err))
}

// Status tells what the history is like.
func (s *Store) Status(ctx context.Context) (Status, error) {
	ctx, cancel := s.inTime(ctx)
	defer cancel()
	all := Status{Engine: s.engine.name, Version: s.version}
	err := s.read(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, s.engine.size).Scan(&all.Bytes); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM run`).Scan(&all.Runs); err != nil {
			return err
		}
		all.Clusters = nil
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			c, err := clusterStatus(rows)
			all.Clusters = append(all.Clusters, c)
			return err
		}, selectStatus)
	})
	return all, unavailable("read its status", err)
}

// selectStatus takes of each cluster its last run, and counts namespaces.
const selectStatus = `SELECT c.name, c.forgotten_at IS NOT NULL, r.at, r.state, r.skew, r.gaps,
	(SELECT MAX(f.last_at) FROM feed f WHERE f.cluster_id = c.id),
	(SELECT MIN(o.first_at) FROM coverage o JOIN namespace n ON n.id = o.namespace_id WHERE n.cluster_id = c.id),
	(SELECT count(*) FROM coverage o JOIN namespace n ON n.id = o.namespace_id WHERE n.cluster_id = c.id AND o.last_at IS NULL),
	(SELECT count(*) FROM namespace n WHERE n.cluster_id = c.id AND NOT EXISTS (SELECT 1 FROM coverage o WHERE o.namespace_id = n.id AND o.last_at IS NULL)
		AND EXISTS (SELECT 1 FROM place p JOIN sighting s ON s.place_id = p.id WHERE p.namespace_id = n.id AND s.gone_at IS NULL))
	FROM cluster c LEFT JOIN run r ON r.id = (SELECT x.id FROM run x WHERE x.cluster_id = c.id ORDER BY x.at DESC, x.id DESC LIMIT 1) ORDER BY c.name`

func clusterStatus(rows *sql.Rows) (c ClusterStatus, err error) {
	var at, skew, last, first sql.NullInt64
	var state, gaps sql.NullString
	if err = rows.Scan(&c.Name, &c.Forgotten, &at, &state, &skew, &gaps, &last, &first, &c.Covered, &c.Uncovered); err != nil {
		return c, err
	}
	for _, t := range []struct {
		to *time.Time
		at sql.NullInt64
	}{{&c.Tried, at}, {&c.Read, last}, {&c.Since, first}} {
		if t.at.Valid {
			*t.to = milli(t.at.Int64)
		}
	}
	c.State, c.Skew = State(state.String), time.Duration(skew.Int64)*time.Millisecond
	if gaps.String != "" {
		err = json.Unmarshal([]byte(gaps.String), &c.Gaps)
	}
	return c, err
}
