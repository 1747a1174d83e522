package history

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"stocktake/collector/settings"
)

// Forget says that a cluster is no more: what was seen there is closed, and
// deleted when history.keep has passed. It returns how many sightings that were. A run of
// the cluster takes it back.
func (s *Store) Forget(ctx context.Context, cluster string) (closed int64, err error) {
	ctx, cancel := s.inTime(ctx)
	defer cancel()
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		closed, err = forget(ctx, tx, cluster)
		return err
	})
	return closed, unavailable("forget the cluster", err)
}

func forget(ctx context.Context, tx *sql.Tx, cluster string) (int64, error) {
	var id, lastAt int64
	err := tx.QueryRowContext(ctx, `UPDATE cluster SET forgotten_at = $1 WHERE name = $2 RETURNING id`, time.Now().UnixMilli(), clean(cluster)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, settings.Invalid("cluster-id", "%q is no cluster of the history", cluster)
	}
	if err != nil {
		return 0, err
	}
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(last_at), 0) FROM feed WHERE cluster_id = $1`, id).Scan(&lastAt); err != nil {
		return 0, err
	}
	result, err := tx.ExecContext(ctx, `UPDATE sighting SET gone_at = $1, why = $2, last_at = (
			SELECT COALESCE(c.last_at, f.last_at) FROM place p JOIN coverage c ON c.namespace_id = p.namespace_id JOIN feed f ON f.id = c.feed_id
			WHERE p.id = sighting.place_id ORDER BY c.first_at DESC LIMIT 1)
		WHERE cluster_id = $3 AND gone_at IS NULL`, max(time.Now().UnixMilli(), lastAt+1), Forgotten, id)
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE coverage SET last_at = (SELECT f.last_at FROM feed f WHERE f.id = coverage.feed_id)
		WHERE last_at IS NULL AND namespace_id IN (SELECT id FROM namespace WHERE cluster_id = $1)`, id)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
