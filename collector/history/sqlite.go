package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"stocktake/collector/file"
)

func sqliteEngine(path string, steps []string) engine {
	return engine{
		name: "SQLite", steps: steps,
		hasMeta:   `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'`,
		hasOthers: `SELECT count(*) FROM sqlite_master WHERE type = 'table'`,
		size:      `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`,
		optimize:  `PRAGMA optimize`,
		vacuum:    `PRAGMA incremental_vacuum`,
		again:     sqliteBusy,
		save:      func(ctx context.Context, version int) (func(), error) { return saveFile(ctx, path, version) },
	}
}

// openSQLite opens a file, which writers make if it is not there: for its owner alone.
func openSQLite(ctx context.Context, path string, mode Mode, timeout time.Duration) (*sql.DB, error) {
	if err := prepareFile(path, mode); err != nil {
		return nil, err
	}
	db, err := dialSQLite(ctx, path, mode, timeout)
	if mode == Reading && sqliteCode(err) == sqlite3.SQLITE_READONLY_ROLLBACK {
		// A writer was killed, and what it left must be rolled back by somebody who may write.
		var writer *sql.DB
		if writer, err = dialSQLite(ctx, path, Writing, timeout); err == nil {
			err = writer.Close()
		}
		if err == nil {
			db, err = dialSQLite(ctx, path, mode, timeout)
		}
	}
	return db, err
}

// prepareFile keeps the path out of its errors: where a URL was meant, it may hold a secret.
func prepareFile(path string, mode Mode) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return errors.New("history.url is a folder: name a file in it")
	case err == nil && !info.Mode().IsRegular():
		return errors.New("history.url is not a regular file")
	case errors.Is(err, fs.ErrNotExist) && mode == Reading:
		return ErrMissing
	case errors.Is(err, fs.ErrNotExist):
		var created *os.File
		if created, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
			return created.Close()
		}
	}
	if broken, ok := errors.AsType[*fs.PathError](err); ok && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the file of history.url: %w", broken.Err)
	}
	return nil
}

// dialSQLite connects, and reads once, so that what is wrong with the file is found here.
func dialSQLite(ctx context.Context, path string, mode Mode, timeout time.Duration) (*sql.DB, error) {
	name, err := sqliteName(path, mode, timeout)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); mode == Writing && err == nil && info.Size() == 0 {
		name += "&_auto_vacuum=INCREMENTAL" // in a database that has tables it would write, and wait for other writers
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	if mode == Writing {
		db.SetMaxOpenConns(1)
	}
	var tables int
	if err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// busyShare is the part of history.timeout that one attempt waits for another writer.
const busyShare = 4

// sqliteName is the path with how it is to be opened.
func sqliteName(path string, mode Mode, timeout time.Duration) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if full = filepath.ToSlash(full); !strings.HasPrefix(full, "/") {
		full = "/" + full // of Windows
	}
	how := url.Values{"_busy_timeout": {strconv.FormatInt((timeout / busyShare).Milliseconds(), 10)}, "_pragma": {"trusted_schema(OFF)"}}
	if mode == Writing {
		how["mode"] = []string{"rw"}
		how["_txlock"] = []string{"immediate"}
		how["_journal_mode"] = []string{"DELETE"}
		how["_synchronous"] = []string{"FULL"}
	} else {
		how["mode"] = []string{"ro"}
		how["_query_only"] = []string{"on"}
	}
	return (&url.URL{Scheme: "file", Path: full, RawQuery: how.Encode()}).String(), nil
}

func sqliteCode(err error) int {
	if failed, ok := errors.AsType[*sqlite.Error](err); ok {
		return failed.Code()
	}
	return sqlite3.SQLITE_OK
}

// sqliteBusy reports whether another writer was in the way. The lower byte of a code is the
// kind of the error.
func sqliteBusy(err error) bool {
	code := sqliteCode(err) & 0xff
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

// saveFile copies the file beside itself, while the lock keeps all writers away. To close the original
// would give up that lock (fcntl(2): all locks of the process), so that is done after the
// transaction.
func saveFile(ctx context.Context, path string, version int) (after func(), err error) {
	original, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	after = func() { _ = original.Close() }
	if _, err = file.Replace(ctx, fmt.Sprintf("%s.v%d", path, version), original, 0o600); err != nil {
		err = fmt.Errorf("copy it before its schema is changed: %w", err)
	}
	return after, err
}
