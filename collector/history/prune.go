package history

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"
)

// The most that one run deletes: sightings, with the places and images that nothing else needs; and runs
// and rows of coverage each.
const (
	maxPruned  = 1000
	maxThinned = 100
)

const day = int64(24 * time.Hour / time.Millisecond)

// prune deletes some of what is older than the settings keep, and returns how much.
func prune(ctx context.Context, tx *sql.Tx, cluster, now int64, o Options) (int64, error) {
	keep := now - time.Duration(o.Keep).Milliseconds()
	n, err := pruneSightings(ctx, tx, cluster, keep)
	if err != nil {
		return n, err
	}
	runs := (now - time.Duration(o.KeepRuns).Milliseconds()) / day * day // whole days, whose last run is known
	for _, do := range []struct {
		text   string
		before int64
	}{
		{`DELETE FROM run WHERE id IN (SELECT id FROM run WHERE cluster_id = $1 AND at < $2 ORDER BY at LIMIT $3)`, keep},
		{`DELETE FROM run WHERE id IN (SELECT r.id FROM run r WHERE r.cluster_id = $1 AND r.at < $2 AND EXISTS (
			SELECT 1 FROM run l WHERE l.cluster_id = r.cluster_id AND l.at > r.at AND l.at < (r.at / 86400000 + 1) * 86400000) ORDER BY r.at LIMIT $3)`, runs},
		{`DELETE FROM coverage WHERE (namespace_id, first_at) IN (SELECT c.namespace_id, c.first_at FROM coverage c JOIN namespace n ON n.id = c.namespace_id
			WHERE n.cluster_id = $1 AND c.last_at < $2 AND c.first_at < (SELECT MAX(x.first_at) FROM coverage x WHERE x.namespace_id = c.namespace_id) LIMIT $3)`, keep},
	} {
		result, err := tx.ExecContext(ctx, do.text, cluster, do.before, maxThinned)
		if err != nil {
			return n, err
		}
		deleted, err := result.RowsAffected()
		if err != nil {
			return n, err
		}
		n += deleted
	}
	return n, nil
}

// pruneSightings deletes what has been gone for long, and what nothing refers to then.
func pruneSightings(ctx context.Context, tx *sql.Tx, cluster, before int64) (int64, error) {
	places, images := map[int64]bool{}, map[int64]bool{}
	n := int64(0)
	err := eachRow(ctx, tx, func(rows *sql.Rows) error {
		var place, image int64
		err := rows.Scan(&place, &image)
		places[place], images[image] = true, true
		n++
		return err
	}, `DELETE FROM sighting WHERE (place_id, image_id, first_at) IN (SELECT place_id, image_id, first_at FROM sighting
		WHERE cluster_id = $1 AND gone_at < $2 ORDER BY gone_at LIMIT $3) RETURNING place_id, image_id`, cluster, before, maxPruned)
	if err != nil {
		return n, err
	}
	for _, of := range []struct {
		ids  map[int64]bool
		text string
	}{
		{places, `DELETE FROM place WHERE NOT EXISTS (SELECT 1 FROM sighting s WHERE s.place_id = place.id) AND id IN (`},
		{images, `DELETE FROM image WHERE NOT EXISTS (SELECT 1 FROM sighting s WHERE s.image_id = image.id) AND id IN (`},
	} {
		ids := slices.Sorted(maps.Keys(of.ids))
		m := many{before: of.text, after: `)`, types: []string{typeNumber}}
		if err := m.exec(ctx, tx, len(ids), func(row int) []any { return []any{ids[row]} }); err != nil {
			return n, err
		}
	}
	return n, nil
}

// Prune deletes all that is older than the settings keep, as runs do by and by, gives the space back
// where that is possible, and returns how many rows it was.
func (s *Store) Prune(ctx context.Context) (int64, error) {
	total := int64(0)
	ids, err := s.clusterIDs(ctx)
	for i := 0; i < len(ids) && err == nil; {
		var n int64
		err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
			// The lock of the cluster, as runs take it.
			if _, err := tx.ExecContext(ctx, `UPDATE cluster SET name = name WHERE id = $1`, ids[i]); err != nil {
				return err
			}
			var err error
			n, err = prune(ctx, tx, ids[i], time.Now().UnixMilli(), s.options)
			return err
		})
		if total += n; n == 0 {
			i++
		}
	}
	if err == nil && s.engine.vacuum != "" {
		_, err = s.db.ExecContext(ctx, s.engine.vacuum)
	}
	return total, unavailable("prune it", err)
}

func (s *Store) clusterIDs(ctx context.Context) (ids []int64, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id FROM cluster ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
