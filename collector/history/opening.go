package history

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"
)

// opening is a sighting that begins with this run, or goes on after an absence.
type opening struct {
	use
	placeID, imageID int64
	after            sql.NullInt64
	again            int64 // first_at of the interval that it goes on with, 0: none
}

// openSeen writes what is seen and was not open before, and returns how much that is.
func (r *recording) openSeen(ctx context.Context, d *difference, join time.Duration) (int, error) {
	var all []opening
	for _, n := range r.spaces {
		if n.seen == nil {
			continue
		}
		after := r.notSeen(n)
		for u := range n.seen.uses {
			if !d.still[u] {
				all = append(all, opening{use: u, after: after})
			}
		}
	}
	if err := r.identify(ctx, d, all); err != nil {
		return 0, err
	}
	if err := r.reopen(ctx, all, join); err != nil {
		return 0, err
	}
	fresh := slices.DeleteFunc(slices.Clone(all), func(o opening) bool { return o.again != 0 })
	m := many{before: `INSERT INTO sighting (cluster_id, place_id, image_id, after_at, first_at, absences, why)`, types: []string{typeNumber, typeNumber, typeNumber, typeNumber, typeNumber, typeNumber, typeText}}
	return len(all), m.exec(ctx, r.tx, len(fresh), func(row int) []any {
		o := fresh[row]
		return []any{r.cluster, o.placeID, o.imageID, o.after, r.at, 0, ""}
	})
}

// identify gives all of them the ids of their places and images.
func (r *recording) identify(ctx context.Context, d *difference, all []opening) error {
	var places, images []uint32
	for _, o := range all {
		if d.places[o.place] == 0 {
			places = append(places, o.place)
		}
		if d.images[o.image] == 0 {
			images = append(images, o.image)
		}
	}
	slices.Sort(places)
	slices.Sort(images)
	if err := r.findImages(ctx, d.images, slices.Compact(images)); err != nil {
		return err
	}
	if err := r.findPlaces(ctx, d.places, slices.Compact(places)); err != nil {
		return err
	}
	for i := range all {
		all[i].placeID, all[i].imageID = d.places[all[i].place], d.images[all[i].image]
	}
	slices.SortFunc(all, func(a, b opening) int {
		return cmp.Or(cmp.Compare(a.placeID, b.placeID), cmp.Compare(a.imageID, b.imageID))
	})
	return nil
}

// reopen goes on with the intervals that ended within the time of history.join.
func (r *recording) reopen(ctx context.Context, all []opening, join time.Duration) error {
	if join == 0 || len(all) == 0 {
		return nil
	}
	type pair struct{ place, image int64 }
	at := make(map[pair]*opening, len(all))
	for i := range all {
		at[pair{all[i].placeID, all[i].imageID}] = &all[i]
	}
	find := many{before: `WITH v(place_id, image_id) AS (`, types: []string{typeNumber, typeNumber}, args: []any{r.at - join.Milliseconds()},
		after: `) SELECT s.place_id, s.image_id, MAX(s.first_at) FROM v CROSS JOIN sighting s
			WHERE s.place_id = v.place_id AND s.image_id = v.image_id AND s.gone_at >= $1 GROUP BY s.place_id, s.image_id`}
	var again []*opening
	err := find.query(ctx, r.tx, len(all), func(row int) []any { return []any{all[row].placeID, all[row].imageID} }, func(rows *sql.Rows) error {
		var p pair
		var first int64
		err := rows.Scan(&p.place, &p.image, &first)
		if o := at[p]; err == nil && o != nil {
			o.again = first
			again = append(again, o)
		}
		return err
	})
	if err != nil {
		return err
	}
	m := many{before: `UPDATE sighting SET last_at = NULL, gone_at = NULL, why = '', absences = absences + CASE WHEN why IN ('` + NotCovered + `', '` + Forgotten + `') THEN 0 ELSE 1 END
		WHERE (place_id, image_id, first_at) IN (`, after: `)`, types: []string{typeNumber, typeNumber, typeNumber}}
	return m.exec(ctx, r.tx, len(again), func(row int) []any { return []any{again[row].placeID, again[row].imageID, again[row].again} })
}
