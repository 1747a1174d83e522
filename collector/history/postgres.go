package history

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"stocktake/collector/settings"
)

// migrationLock is the advisory lock of those who change the schema: "stocktak" in ASCII.
const migrationLock = `SELECT pg_advisory_xact_lock(8319395793566789995)`

func postgresEngine(steps []string) engine {
	return engine{
		name: "PostgreSQL", steps: steps,
		script:    []any{pgx.QueryExecModeSimpleProtocol},
		lock:      migrationLock,
		hasMeta:   `SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('meta')`,
		hasOthers: `SELECT 0`,
		size: `SELECT COALESCE(sum(pg_total_relation_size(to_regclass(name))), 0)::bigint FROM unnest(ARRAY[
			'meta', 'cluster', 'scope', 'feed', 'namespace', 'coverage', 'run', 'image', 'place', 'sighting']) AS name`,
		probe: `LOCK TABLE run, sighting IN ROW EXCLUSIVE MODE`, // which takes the right to write them
		again: postgresAgain,
	}
}

// The most that is waited for a connection, unless the URL says otherwise.
const (
	connectShare   = 3 // of history.timeout
	connectTimeout = 10 * time.Second
)

// postgresConfig reads the URL. What the library says of a wrong one may hold a part of it, and is
// left out.
func postgresConfig(url string, mode Mode, timeout time.Duration) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, settings.Invalid("history.url", "PostgreSQL's library cannot read it: write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, with %%XX for what has a meaning in URLs")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = min(timeout/connectShare, connectTimeout)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "stocktake"
	}
	if mode == Reading {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	return config, nil
}

func openPostgres(ctx context.Context, url string, mode Mode, timeout time.Duration) (*sql.DB, error) {
	config, err := postgresConfig(url, mode, timeout)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	if mode == Writing {
		db.SetMaxOpenConns(1)
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// postgresAgain reports whether others were in the way: a serialization failure, a deadlock,
// or an image that was deleted between the finding and the use of its number.
func postgresAgain(err error) bool {
	failed, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (failed.Code == "40001" || failed.Code == "40P01" || failed.Code == "23503")
}
