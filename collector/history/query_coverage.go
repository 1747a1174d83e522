package history

import (
	"database/sql"
	"encoding/json"
	"time"

	"stocktake/collector/inventory"
)

// Coverage is what an answer is worth: what was looked at, and what was not. It is of one
// cluster.
type Coverage struct {
	Cluster   string
	Since     time.Time       // the first run that the history remembers
	Last      time.Time       // the last one that saw anything; zero: none did
	Whole     time.Time       // the last one that read all it was to read; zero: none did
	Forgotten bool            // nobody expects it to be read again
	Gaps      []inventory.Gap // what the last run did not read
	Unread    []UnreadNamespace
}

// UnreadNamespace is a namespace that is not read any more, and of which nobody knows whether
// what was seen there is there still.
type UnreadNamespace struct {
	Name string
	Last time.Time // it was read
}

// Coverage says of each cluster what was looked at, in the order of their names. No names:
// of all.
func (v *View) Coverage(names []string) ([]Coverage, error) {
	clusters, err := v.chosen(names)
	if err != nil || len(clusters) == 0 {
		return nil, err
	}
	all := make([]Coverage, len(clusters))
	at := make(map[int64]*Coverage, len(clusters))
	for i, c := range clusters {
		all[i] = Coverage{Cluster: c.name, Forgotten: c.forgotten}
		at[c.id] = &all[i]
		if err := v.lastRun(c.id, &all[i]); err != nil {
			return nil, err
		}
	}
	which := ` IN ` + numbers(idsOf(clusters))
	err = v.each(`SELECT cluster_id, MAX(last_at), MAX(whole_at) FROM feed WHERE cluster_id`+which+` GROUP BY cluster_id`, nil, func(row scanner) error {
		var id int64
		var last, whole sql.NullInt64
		err := row.Scan(&id, &last, &whole)
		if c := at[id]; c != nil {
			c.Last, c.Whole = timeOf(last), timeOf(whole)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, v.unread(which, at)
}

// lastRun reads when the first run was, and what the last one did not read.
func (v *View) lastRun(id int64, c *Coverage) error {
	query := `SELECT (SELECT MIN(at) FROM run WHERE cluster_id = $1), gaps FROM run WHERE cluster_id = $1 AND state <> 'superseded' ORDER BY at DESC LIMIT 1`
	return v.each(query, []any{id}, func(row scanner) error {
		var first sql.NullInt64
		var gaps string
		err := row.Scan(&first, &gaps)
		if err == nil && gaps != "" {
			err = json.Unmarshal([]byte(gaps), &c.Gaps)
		}
		c.Since = timeOf(first)
		return err
	})
}

// unread finds the namespaces whose newest coverage has ended, and where something was
// left open.
func (v *View) unread(which string, at map[int64]*Coverage) error {
	return v.each(unreadQuery(which), nil, func(row scanner) error {
		var id int64
		var last sql.NullInt64
		var name string
		err := row.Scan(&id, &name, &last)
		if c := at[id]; c != nil {
			c.Unread = append(c.Unread, UnreadNamespace{Name: name, Last: timeOf(last)})
		}
		return err
	})
}

func unreadQuery(which string) string {
	return `SELECT n.cluster_id, n.name, v.last_at FROM namespace n JOIN coverage v ON v.namespace_id = n.id
		WHERE n.cluster_id` + which + ` AND v.last_at IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM coverage w WHERE w.namespace_id = v.namespace_id AND w.first_at > v.first_at)
			AND EXISTS (SELECT 1 FROM place p JOIN sighting s ON s.place_id = p.id WHERE p.namespace_id = n.id AND s.gone_at IS NULL)
		ORDER BY n.cluster_id, n.name`
}

// Knows reports whether a run of a cluster is remembered, by when it began to read and when it
// was made, and when the newest one was read: zero if there is none. It is for those that
// bring runs of the past.
func (v *View) Knows(cluster string, began, made time.Time) (known bool, newest time.Time, err error) {
	for _, c := range v.clusters {
		if c.name != clean(cluster) {
			continue
		}
		query := `SELECT read_at, wall_at FROM run WHERE cluster_id = $1 AND state <> 'superseded'`
		err = v.each(query, []any{c.id}, func(row scanner) error {
			var read, wall int64
			err := row.Scan(&read, &wall)
			known = known || read == began.UnixMilli() && wall == made.UnixMilli()
			if at := milli(read); at.After(newest) {
				newest = at
			}
			return err
		})
	}
	return known, newest, err
}

// Seen is when an image was seen first and last, anywhere.
type Seen struct{ First, Last time.Time }

// Seen finds when an image was seen, in the clusters of those names: all of them where none
// is given. It is false where it never was.
func (v *View) Seen(i Image, names []string) (Seen, bool, error) {
	clusters, err := v.chosen(names)
	if err != nil || len(clusters) == 0 {
		return Seen{}, false, err
	}
	var seen Seen
	query := `SELECT ` + sightingColumns + sightingTables + `WHERE i.digest = $1 AND i.name = $2 AND i.tag = $3 AND s.cluster_id IN ` + numbers(idsOf(clusters))
	err = v.each(query, []any{i.Digest, clean(i.Name), clean(i.Tag)}, func(row scanner) error {
		s, err := v.scanSighting(row)
		if seen.First.IsZero() || s.Times.First.Before(seen.First) {
			seen.First = s.Times.First
		}
		if s.Times.Last.After(seen.Last) {
			seen.Last = s.Times.Last
		}
		return err
	})
	return seen, !seen.First.IsZero(), err
}
