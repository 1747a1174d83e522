package history

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

// at is the default settings with a URL.
func at(url string) Options {
	return Options{URL: url, Keep: settings.Duration(400 * 24 * time.Hour), KeepRuns: settings.Duration(90 * 24 * time.Hour), Join: settings.Duration(35 * 24 * time.Hour), Timeout: 5 * time.Minute}
}

// newFile is the URL of a file that is not there yet. Its folder has a name that means something in URIs.
func newFile(t testing.TB) string {
	folder := filepath.Join(t.TempDir(), "a b?c#d%41&mode=memory")
	require.NoError(t, os.Mkdir(folder, 0o700))
	return filepath.Join(folder, "history.db")
}

// opened is an open history, which the test closes.
func opened(t testing.TB, url string, mode Mode) *Store {
	s, err := Open(t.Context(), at(url), mode)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func one(t testing.TB, s *Store, query string) (text string) {
	require.NoError(t, s.db.QueryRowContext(t.Context(), query).Scan(&text))
	return text
}

func TestOpenMakesAFileAsItIsMeantToBe(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s := opened(t, path, Writing)
	for pragma, want := range map[string]string{"journal_mode": "delete", "synchronous": "2", "auto_vacuum": "2", "busy_timeout": strconv.Itoa(5 * 60_000 / busyShare), "query_only": "0"} {
		assert.Equal(t, want, one(t, s, "PRAGMA "+pragma), pragma)
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1)

	r := opened(t, path, Reading)
	assert.Equal(t, "1", one(t, r, "PRAGMA query_only"))
	_, err = r.db.ExecContext(t.Context(), `DELETE FROM meta`)
	require.ErrorContains(t, err, "readonly")
}

func TestOpenSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	foreign := filepath.Join(folder, "foreign.db")
	db, err := sql.Open("sqlite", foreign)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `CREATE TABLE theirs (x)`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	letter := filepath.Join(folder, "letter")
	require.NoError(t, os.WriteFile(letter, make([]byte, 5000), 0o600))
	for _, test := range []struct {
		url    string
		mode   Mode
		is     error
		reason string
	}{
		{"", Writing, settings.ErrInvalid, "it is not set"},
		{"mysql://user:s3cret@host/db", Writing, settings.ErrInvalid, "neither a path nor"},
		{"postgres://user:s3cret%zz@host/db", Writing, settings.ErrInvalid, "cannot read it"},
		{"postgres://user:s3cret@host:port/db", Reading, settings.ErrInvalid, "cannot read it"},
		{"postgres://user:s3cret@127.0.0.1:1/db", Writing, ErrUnavailable, "refused"},
		{filepath.Join(folder, "s3cret", "x"), Writing, ErrUnavailable, "the file of history.url: no such file"},
		{filepath.Join(folder, "s3cret"), Reading, ErrMissing, "there is none yet"},
		{folder, Writing, ErrUnavailable, "is a folder"},
		{"/dev/null", Writing, ErrUnavailable, "not a regular file"},
		{foreign, Writing, ErrUnavailable, "something else"},
		{letter, Writing, ErrUnavailable, "not a database"},
	} {
		_, err := Open(t.Context(), at(test.url), test.mode)
		require.ErrorIs(t, err, test.is, test.reason)
		require.ErrorContains(t, err, test.reason)
		require.NotContains(t, err.Error(), "s3cret")
		require.NotEqual(t, errors.Is(err, ErrUnavailable), errors.Is(err, settings.ErrInvalid), "one exit code: %v", err)
	}
	left, err := os.ReadFile(letter)
	require.NoError(t, err)
	assert.Equal(t, make([]byte, 5000), left)
	o := at("x")
	o.Timeout, o.Keep = 0, 0
	require.ErrorContains(t, o.Check(), "history.timeout: 0s is no time")
	require.ErrorContains(t, o.Check(), "history.keep: 0s would keep nothing")
}

// newer is the schema of a later program: additive, so that this one may go on, or not.
func newer(t testing.TB, oldestWriter string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, engine := range []string{"sqlite", "postgres"} {
		first, err := fs.ReadFile(schemas, "schema/"+engine+"/001.sql")
		require.NoError(t, err)
		files["schema/"+engine+"/001.sql"] = &fstest.MapFile{Data: first}
		files["schema/"+engine+"/002.sql"] = &fstest.MapFile{Data: []byte("ALTER TABLE run ADD COLUMN mood TEXT;\nUPDATE meta SET version = 2, oldest_writer = " + oldestWriter + ";")}
	}
	return files
}

func TestNewerSchemasAreUsedOrLeftAlone(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s, err := open(t.Context(), at(path), Writing, newer(t, "1"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	assert.Equal(t, 2, opened(t, path, Writing).version, "older programs may write")
	opened(t, path, Reading)

	path = newFile(t)
	s, err = open(t.Context(), at(path), Writing, newer(t, "2"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = Open(t.Context(), at(path), Writing)
	require.ErrorIs(t, err, ErrTooNew)
	require.ErrorIs(t, err, ErrUnavailable)
	_, err = Open(t.Context(), at(path), Reading)
	require.ErrorIs(t, err, ErrTooNew)
	require.ErrorIs(t, err, settings.ErrInvalid)
	_, _, err = Migrate(t.Context(), at(path))
	require.NoError(t, err)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(before, after), "not a byte is changed")
}

func TestOlderSchemasAreChangedByOneWriterAfterACopy(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	require.NoError(t, opened(t, path, Writing).Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	later := newer(t, "1")
	_, err = open(t.Context(), at(path), Reading, later)
	require.ErrorIs(t, err, ErrNotMigrated)

	var together sync.WaitGroup
	for range 4 {
		together.Go(func() {
			s, err := open(context.WithoutCancel(t.Context()), at(path), Writing, later)
			if assert.NoError(t, err) {
				assert.Equal(t, 2, s.version)
				assert.NoError(t, s.Close())
			}
		})
	}
	together.Wait()
	s := opened(t, path, Reading)
	assert.Equal(t, "1", one(t, s, `SELECT count(*) FROM meta`))
	saved, err := os.ReadFile(path + ".v1")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(before, saved))
}

func TestSchemaThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	require.NoError(t, opened(t, path, Writing).Close())
	broken := newer(t, "1")
	broken["schema/sqlite/002.sql"].Data = []byte("CREATE TABLE more (x); CREATE TABLE more (x);")
	_, err := open(t.Context(), at(path), Writing, broken)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "schema 2")
	s := opened(t, path, Writing)
	assert.Equal(t, "0", one(t, s, `SELECT count(*) FROM sqlite_master WHERE name = 'more'`))
}
