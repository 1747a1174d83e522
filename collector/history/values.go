package history

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// maxRows is how many rows one statement takes: with 500 SQLite uses twice the CPU, and row by row
// PostgreSQL takes half a minute for what takes it a second.
const maxRows = 100

// many is a statement of several rows, whose arguments come after its own.
type many struct {
	before, after string   // what stands around VALUES (…), (…)
	types         []string // of the columns of a row
	args          []any    // of the statement, $1 and so on
}

// Types of columns.
const (
	typeNumber = "BIGINT"
	typeText   = "TEXT"
)

// text is the statement for so many rows. The first row has the types in it: PostgreSQL takes
// those of VALUES for text.
func (m *many) text(rows int) string {
	var b strings.Builder
	b.WriteString(m.before)
	b.WriteString(" VALUES ")
	next := len(m.args)
	for row := range rows {
		for column, kind := range m.types {
			next++
			switch {
			case column > 0:
				b.WriteString(", ")
			case row > 0:
				b.WriteString("), (")
			default:
				b.WriteByte('(')
			}
			name := "$" + strconv.Itoa(next)
			if row == 0 {
				name = "CAST(" + name + " AS " + kind + ")"
			}
			b.WriteString(name)
		}
	}
	b.WriteByte(')')
	b.WriteString(m.after)
	return b.String()
}

// exec does it for all rows, which fill gives one by one.
func (m *many) exec(ctx context.Context, tx *sql.Tx, rows int, fill func(row int) []any) error {
	return m.each(rows, fill, func(text string, args []any) error {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	})
}

// query does the same where rows come back, which take is given.
func (m *many) query(ctx context.Context, tx *sql.Tx, rows int, fill func(row int) []any, take func(*sql.Rows) error) error {
	return m.each(rows, fill, func(text string, args []any) error { return eachRow(ctx, tx, take, text, args...) })
}

func (m *many) each(rows int, fill func(row int) []any, do func(text string, args []any) error) error {
	var text string
	for from := 0; from < rows; from += maxRows {
		to := min(from+maxRows, rows)
		if from == 0 || to-from < maxRows {
			text = m.text(to - from)
		}
		args := append(make([]any, 0, len(m.args)+(to-from)*len(m.types)), m.args...)
		for row := from; row < to; row++ {
			args = append(args, fill(row)...)
		}
		if err := do(text, args); err != nil {
			return err
		}
	}
	return nil
}

// eachRow gives each row of an answer to take.
func eachRow(ctx context.Context, tx *sql.Tx, take func(*sql.Rows) error, text string, args ...any) error {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
