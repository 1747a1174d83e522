package history

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"stocktake/collector/settings"
)

// schemas are the steps of the schema, NNN.sql, from one version to the next. Each ends with the
// version that it makes, and the oldest that may still write it.
//
//go:embed schema
var schemas embed.FS

// stepsOf are the steps for an engine.
func stepsOf(files fs.FS, engine string) ([]string, error) {
	names, err := fs.Glob(files, path.Join("schema", engine, "*.sql"))
	if err != nil {
		return nil, err
	}
	steps := make([]string, len(names))
	for i, name := range names {
		if want := fmt.Sprintf("%03d.sql", i+1); path.Base(name) != want {
			return nil, fmt.Errorf("%s stands where %s should", name, want)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps[i] = string(text)
	}
	return steps, nil
}

// schemaVersion is what a history says of its schema; the zero value is that of an empty
// database.
type schemaVersion struct{ is, oldestWriter int }

func (e engine) version(ctx context.Context, q querier) (v schemaVersion, err error) {
	var meta, others int
	if err = q.QueryRowContext(ctx, e.hasMeta).Scan(&meta); err != nil {
		return v, err
	}
	if meta > 0 {
		err = q.QueryRowContext(ctx, `SELECT version, oldest_writer FROM meta`).Scan(&v.is, &v.oldestWriter)
		return v, err
	}
	if err = q.QueryRowContext(ctx, e.hasOthers).Scan(&others); err == nil && others > 0 {
		err = errors.New("it is the database of something else")
	}
	return v, err
}

// check reports whether this program may use the schema as it is. A newer one that older
// programs may write has only more in it, and can be read by them too.
func (e engine) check(v schemaVersion, mode Mode) error {
	switch own := len(e.steps); {
	case v.is > own && v.oldestWriter > own && mode == Reading:
		return settings.Invalid("history.url", "schema %d: %w (%d)", v.is, ErrTooNew, own)
	case v.is > own && v.oldestWriter > own:
		return fmt.Errorf("schema %d: %w (%d)", v.is, ErrTooNew, own)
	case v.is < own && e.save != nil: // SQLite, which a writer has brought up to date
		return fmt.Errorf("schema %d: %w (%d): the next run changes it", v.is, ErrNotMigrated, own)
	case v.is < own:
		return fmt.Errorf("schema %d: %w (%d): run stocktake history migrate, as somebody who may make tables", v.is, ErrNotMigrated, own)
	}
	return nil
}

// migrate brings the schema up to date, in a transaction under the lock of writers: of several who try at once
// one does it. It returns the version that was found.
func (e engine) migrate(ctx context.Context, db *sql.DB) (found schemaVersion, err error) {
	after := func() {}
	defer func() { after() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return found, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if e.lock != "" {
		if _, err := tx.ExecContext(ctx, e.lock); err != nil {
			return found, err
		}
	}
	if found, err = e.version(ctx, tx); err != nil || found.is >= len(e.steps) {
		return found, err
	}
	if found.is > 0 && e.save != nil {
		done, err := e.save(ctx, found.is)
		if done != nil {
			after = done
		}
		if err != nil {
			return found, err
		}
	}
	for i, step := range e.steps[found.is:] {
		if _, err := tx.ExecContext(ctx, step, e.script...); err != nil {
			return found, fmt.Errorf("schema %d: %w", found.is+i+1, err)
		}
	}
	return found, tx.Commit()
}
