package history

import (
	"context"
	"database/sql"
	"io/fs"

	"stocktake/collector/settings"
)

// Store is an open history. It must be closed.
type Store struct {
	db      *sql.DB
	engine  engine
	options Options
	mode    Mode
	version int // of the schema
}

// Open opens a history, within history.timeout. Its error wraps ErrUnavailable, or
// settings.ErrInvalid where only other settings, or another program, help.
func Open(ctx context.Context, o Options, mode Mode) (*Store, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	return open(ctx, o, mode, schemas)
}

func open(ctx context.Context, o Options, mode Mode, files fs.FS) (*Store, error) {
	s, err := connect(ctx, o, mode, files)
	if err != nil {
		return nil, unavailable("open it", err)
	}
	if err := s.fit(ctx); err != nil {
		_ = s.db.Close() // nothing was written
		return nil, unavailable("open it", err)
	}
	return s, nil
}

// connect opens a history whatever its schema is.
func connect(ctx context.Context, o Options, mode Mode, files fs.FS) (s *Store, err error) {
	switch err := o.Check(); {
	case err != nil:
		return nil, err
	case !o.Configured():
		return nil, settings.Invalid("history.url", "it is not set, so there is no history: set it to the path of a file, or to postgres://USER:PASSWORD@HOST/DATABASE")
	}
	s = &Store{options: o, mode: mode}
	if o.isPostgres() {
		steps, err := stepsOf(files, "postgres")
		if err != nil {
			return nil, err
		}
		s.engine = postgresEngine(steps)
		s.db, err = openPostgres(ctx, o.URL, mode, o.Timeout)
		return s, err
	}
	steps, err := stepsOf(files, "sqlite")
	if err != nil {
		return nil, err
	}
	s.engine = sqliteEngine(o.URL, steps)
	s.db, err = openSQLite(ctx, o.URL, mode, o.Timeout)
	return s, err
}

// fit makes sure that this program may use the schema. A file is brought up to date by
// who writes it.
func (s *Store) fit(ctx context.Context) error {
	found, err := s.engine.version(ctx, s.db)
	if err == nil && found.is < len(s.engine.steps) && s.mode == Writing && s.engine.save != nil {
		if _, err = s.engine.migrate(ctx, s.db); err == nil {
			found, err = s.engine.version(ctx, s.db)
		}
	}
	if err != nil {
		return err
	}
	s.version = found.is
	return s.engine.check(found, s.mode)
}

// Migrate brings the schema up to date, and returns the versions before and after. It is
// for PostgreSQL, where runs have no right to; of SQLite each run does it by itself.
func Migrate(ctx context.Context, o Options) (from, to int, err error) {
	return migrate(ctx, o, schemas)
}

func migrate(ctx context.Context, o Options, files fs.FS) (from, to int, err error) {
	s, err := connect(ctx, o, Writing, files)
	if err != nil {
		return 0, 0, unavailable("open it", err)
	}
	defer s.Close() //nolint:errcheck // what it did is committed
	found, err := s.engine.migrate(ctx, s.db)
	return found.is, max(found.is, len(s.engine.steps)), unavailable("change its schema", err)
}

// Close closes the connections. What was recorded is safe without it.
func (s *Store) Close() error {
	if s.mode == Writing && s.engine.optimize != "" {
		_, _ = s.db.Exec(s.engine.optimize) //nolint:noctx,gosec // a statement of ours, which reads a few pages and only makes queries faster
	}
	return s.db.Close()
}
