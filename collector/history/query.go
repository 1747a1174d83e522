package history

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"stocktake/collector/settings"
)

// View is one moment of the history: answers to several questions fit each other.
//
// While it is open, SQLite lets no writer commit: whoever asks keeps the rows, and shows
// them to slow readers afterwards.
type View struct {
	ctx      context.Context //nolint:containedctx // it ends with the call that makes it
	tx       *sql.Tx
	clusters []clusterRow // in the order of their names
}

// View calls do with the history as it is now. Errors of the database wrap
// ErrUnavailable.
func (s *Store) View(ctx context.Context, do func(*View) error) error {
	// Of the isolation SQLite has no other.
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return unavailable("read it", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	v := &View{ctx: ctx, tx: tx}
	if v.clusters, err = v.readClusters(); err != nil {
		return err
	}
	return do(v)
}

// clusterRow is a cluster that was recorded at least once.
type clusterRow struct {
	id        int64
	name      string
	forgotten bool
}

func (v *View) readClusters() ([]clusterRow, error) {
	var all []clusterRow
	err := v.each(`SELECT id, name, forgotten_at IS NOT NULL FROM cluster`, nil, func(row scanner) error {
		var c clusterRow
		if err := row.Scan(&c.id, &c.name, &c.forgotten); err != nil {
			return err
		}
		all = append(all, c)
		return nil
	})
	slices.SortFunc(all, func(a, b clusterRow) int { return strings.Compare(a.name, b.name) })
	return all, err
}

// Clusters are the names of all clusters that were recorded.
func (v *View) Clusters() []string {
	names := make([]string, len(v.clusters))
	for i, c := range v.clusters {
		names[i] = c.name
	}
	return names
}

// chosen are the clusters of those names, all of them where none is given. A name that
// is not there is a mistake: that nothing was found there would say nothing.
func (v *View) chosen(names []string) ([]clusterRow, error) {
	if len(names) == 0 {
		return v.clusters, nil
	}
	var all []clusterRow
	for _, name := range names {
		i := slices.IndexFunc(v.clusters, func(c clusterRow) bool { return c.name == name })
		if i < 0 {
			known := cmp.Or(strings.Join(v.Clusters(), ", "), "none")
			return nil, settings.Invalid("cluster", "%q is not in the history: its clusters are %s", name, known)
		}
		all = append(all, v.clusters[i])
	}
	return all, nil
}

// named finds a cluster by its number.
func (v *View) named(id int64) clusterRow {
	i := slices.IndexFunc(v.clusters, func(c clusterRow) bool { return c.id == id })
	return v.clusters[max(i, 0)] // each number is that of a row: the schema holds it
}

// scanner is a row that is not read yet.
type scanner interface{ Scan(to ...any) error }

// each calls take with each row of an answer.
func (v *View) each(query string, args []any, take func(scanner) error) error {
	rows, err := v.tx.QueryContext(v.ctx, query, args...)
	if err != nil {
		return unavailable("read it", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return unavailable("read it", rows.Err())
}

// arguments are those of a statement that is being written.
type arguments []any

// add returns the placeholder of a value.
func (a *arguments) add(value any) string {
	*a = append(*a, value)
	return "$" + strconv.Itoa(len(*a))
}

// list returns the placeholders of values, for IN.
func (a *arguments) list(values []string) string {
	marks := make([]string, len(values))
	for i, value := range values {
		marks[i] = a.add(value)
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// numbers writes row numbers for IN. They are no arguments: SQLite looks for each of
// those by its name.
func numbers(ids []int64) string {
	digits := make([]string, len(ids))
	for i, id := range ids {
		digits[i] = strconv.FormatInt(id, 10)
	}
	return "(" + strings.Join(digits, ", ") + ")"
}

func idsOf(clusters []clusterRow) []int64 {
	ids := make([]int64, len(clusters))
	for i, c := range clusters {
		ids[i] = c.id
	}
	return ids
}

// timeOf is a time of the schema; the zero time is none.
func timeOf(at sql.NullInt64) time.Time {
	if !at.Valid {
		return time.Time{}
	}
	return time.UnixMilli(at.Int64).UTC()
}
