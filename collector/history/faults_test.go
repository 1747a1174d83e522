package history

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/postgrestest"
	"stocktake/collector/settings"
)

// What tells a process of this program to record until it is killed, or to change the schema.
const (
	helperURL      = "HISTORY_TEST_URL"
	helperMigrates = "HISTORY_TEST_MIGRATES=1"
)

// filled is how many rows the change of the schema makes, so that it takes a while.
const filled = 100_000

// slow is a schema with a step that takes a while.
func slow() fstest.MapFS {
	files := fstest.MapFS{}
	for _, engine := range []string{"sqlite", "postgres"} {
		files["schema/"+engine+"/001.sql"] = &fstest.MapFile{Data: []byte("-- is there")}
		files["schema/"+engine+"/002.sql"] = &fstest.MapFile{Data: fmt.Appendf(nil, `CREATE TABLE filler (x BIGINT);
			INSERT INTO filler WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < %d) SELECT x FROM n;
			UPDATE meta SET version = 2, oldest_writer = 1;`, filled)}
	}
	return files
}

// help is what a process does that is to be killed.
func help(url string) {
	if os.Getenv("HISTORY_TEST_MIGRATES") != "" {
		fmt.Println(1)
		if _, _, err := migrate(context.Background(), at(url), slow()); err != nil {
			fmt.Println(err)
		}
		return
	}
	recordForEver(url)
}

// sightings is how many change in each run of such a process.
const sightings = 300

// wave is the n-th state of a cluster in which every image changes from run to run.
func wave(n int) string {
	var all strings.Builder
	for i := range sightings {
		fmt.Fprintf(&all, "n%d Deployment/web-%d app app:%d d%d\n", i%10, i, n, n)
	}
	return all.String()
}

// recordForEver records one run after the other, and says so.
func recordForEver(url string) {
	s, err := Open(context.Background(), at(url), Writing)
	for err == nil {
		var n int
		if err = s.db.QueryRow(`SELECT count(*) FROM run`).Scan(&n); err == nil {
			seen, run := see(wave(n))
			run.Began, run.At = minute(n), minute(n).Add(time.Second)
			_, err = s.Record(context.Background(), seen, run)
		}
		if err == nil {
			fmt.Println(n + 1)
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// kills is how often a process is killed.
func kills(t *testing.T) int {
	if text := os.Getenv("STOCKTAKE_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		return n
	}
	return 5
}

func TestKilledWriterLeavesTheLastCommit(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		for kill := range kills(t) {
			told := killed(t, url, "", time.Duration(rand.IntN(120))*time.Millisecond)
			mode := []Mode{Reading, Writing}[kill%2]
			s, err := Open(t.Context(), at(url), mode)
			require.NoError(t, err)
			if s.engine.lock == "" {
				assert.Equal(t, "ok", one(t, s, `PRAGMA integrity_check`))
			}
			var runs, open, last, closed int
			err = s.db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM sighting WHERE gone_at IS NULL),
				(SELECT count(*) FROM sighting s JOIN image i ON i.id = s.image_id WHERE s.gone_at IS NULL AND i.tag = CAST((SELECT count(*) FROM run) - 1 AS TEXT)),
				(SELECT count(*) FROM sighting WHERE gone_at IS NOT NULL)`).Scan(&runs, &open, &last, &closed)
			require.NoError(t, err)
			require.NoError(t, s.Close())
			assert.GreaterOrEqual(t, runs, told)
			assert.Equal(t, []int{sightings, sightings, (runs - 1) * sightings}, []int{open, last, closed}, "run %d", runs)
		}
	})
}

// killed starts a writer, kills it some time after its first word, and returns how many
// runs it told of.
func killed(t *testing.T, url, how string, wait time.Duration) (told int) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), helperURL+"="+url, how)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		require.NoError(t, err, lines.Text())
		if told == 0 {
			time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		}
		told = n
	}
	_ = cmd.Wait() // it was killed
	return told
}

// TestReaderRollsBackWhatAKilledWriterLeft copies a file with its journal in the middle of a write, as
// a kill leaves them.
func TestReaderRollsBackWhatAKilledWriterLeft(t *testing.T) {
	t.Parallel()
	path, copied := newFile(t), newFile(t)
	w := newWorld(t, path)
	w.record(0, wave(0))
	before := dump(t, w.store)
	conn, err := w.store.db.Conn(t.Context())
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), `PRAGMA cache_size = 1`) // so that pages are written before the end
	require.NoError(t, err)
	tx, err := conn.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), `UPDATE sighting SET absences = 9`)
	require.NoError(t, err)
	for _, suffix := range []string{"", "-journal"} {
		content, err := exec.CommandContext(t.Context(), "cat", path+suffix).Output() // by another process, which holds no lock of ours
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(copied+suffix, content, 0o600))
	}
	require.NoError(t, tx.Rollback())
	require.NoError(t, conn.Close())

	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: copied}).EscapedPath()+"?mode=ro")
	require.NoError(t, err)
	err = db.PingContext(t.Context())
	if err == nil {
		_, err = db.ExecContext(t.Context(), `SELECT count(*) FROM sighting`)
	}
	require.ErrorContains(t, err, "776", "there is something to roll back")
	require.NoError(t, db.Close())
	assert.Equal(t, before, dump(t, opened(t, copied, Reading)))
}

func TestKilledChangeOfTheSchemaIsWholeOrNot(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(0, `a Deployment/web app nginx:1 d1`)
		for range kills(t) {
			killed(t, url, helperMigrates, time.Duration(rand.IntN(150))*time.Millisecond)
			s, err := connect(t.Context(), at(url), Writing, newer(t, "1"))
			require.NoError(t, err)
			found, err := s.engine.version(t.Context(), s.db)
			require.NoError(t, err)
			var rows int
			if found.is == 2 {
				require.NoError(t, s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM filler`).Scan(&rows))
				assert.Equal(t, filled, rows)
				_, err = s.db.ExecContext(t.Context(), `DROP TABLE filler`)
				require.NoError(t, err)
				_, err = s.db.ExecContext(t.Context(), `UPDATE meta SET version = 1`)
				require.NoError(t, err)
			} else {
				require.Error(t, s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM filler`).Scan(&rows), "there is no such table")
			}
			require.NoError(t, s.Close())
		}
		w.want(`a Deployment/web app nginx:1 d1 -/0/-/-`)
	})
}

func TestWritersOfOneClusterAreOneAfterTheOther(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(0, wave(0))
		var together sync.WaitGroup
		states := make([]State, 6)
		for i := range states {
			together.Go(func() {
				s, err := Open(context.WithoutCancel(t.Context()), at(url), Writing)
				if err != nil {
					t.Error(err)
					return
				}
				other := &world{t, s}
				done, err := other.try(1, wave(i), func(r *Run) { r.Began = r.Began.Add(time.Duration(i) * time.Millisecond) })
				assert.NoError(t, err)
				states[i] = done.State
				assert.NoError(t, s.Close())
			})
		}
		together.Wait()
		assert.Equal(t, Complete, states[len(states)-1], "nobody began later")
		var open, images int
		require.NoError(t, w.store.db.QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT image_id) FROM sighting WHERE gone_at IS NULL`).Scan(&open, &images))
		assert.Equal(t, []int{sightings, 1}, []int{open, images}, "all of one run")
	})
}

func TestClustersWithTheSameNewImagesDoNotDeadlock(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		var all strings.Builder
		for i := range 400 {
			fmt.Fprintf(&all, "a Deployment/web-%d app app-%d:1 d%d\n", i, i, i)
		}
		var together sync.WaitGroup
		for i := range 12 {
			together.Go(func() {
				o := at(url)
				o.Timeout = 5 * time.Minute
				s, err := Open(context.WithoutCancel(t.Context()), o, Writing)
				if err != nil {
					t.Error(err)
					return
				}
				w := &world{t, s}
				done, err := w.try(0, all.String(), func(r *Run) { r.Cluster = fmt.Sprint("c", i) })
				if err != nil {
					t.Error(err)
				}
				assert.Equal(t, 400, done.Opened)
				assert.NoError(t, s.Close())
			})
		}
		together.Wait()
		w := newWorld(t, url)
		assert.Equal(t, map[string]int{"cluster": 12, "scope": 12, "feed": 12, "namespace": 12, "coverage": 12, "run": 12, "image": 400, "place": 4800, "sighting": 4800}, w.counts())
		if strings.HasPrefix(url, "postgres") {
			assert.Equal(t, "0", one(t, w.store, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`))
		}
	})
}

// inTime checks that something ends as unavailable, and does so when history.timeout passes.
func inTime(t *testing.T, o Options, do func(Options) error) error {
	t.Helper()
	o.Timeout = time.Second
	began := time.Now()
	err := do(o)
	require.ErrorIs(t, err, ErrUnavailable)
	require.NotErrorIs(t, err, settings.ErrInvalid)
	require.NotContains(t, err.Error(), postgrestest.Password)
	assert.Less(t, time.Since(began), time.Minute)
	return err
}

func TestServerThatIsAwayIsUnavailableInTime(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close() //nolint:errcheck // of a test
	for _, url := range []string{
		"postgres://u:" + postgrestest.Password + "@" + silent.Addr().String() + "/db?sslmode=disable", // takes connections and says nothing
		"postgres://u:" + postgrestest.Password + "@127.0.0.1:1/db",
	} {
		for _, mode := range []Mode{Reading, Writing} {
			_ = inTime(t, at(url), func(o Options) error {
				_, err := Open(t.Context(), o, mode)
				return err
			})
		}
	}
	url := newDatabase(t)
	_ = inTime(t, at(strings.Replace(url, postgrestest.Password, "wr0ng", 1)), func(o Options) error {
		_, err := Open(t.Context(), o, Writing)
		require.NotContains(t, err.Error(), "wr0ng")
		return err
	})
}

func TestServerThatStopsInARunLeavesNothingOfIt(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	url := server.Database(t)
	_, _, err := Migrate(t.Context(), at(url))
	require.NoError(t, err)
	w := newWorld(t, url)
	w.record(0, `a Deployment/web app nginx:1 d1`)

	hold := opened(t, url, Writing)
	for name, fault := range map[string]func(){
		"hung":       func() { server.Pause(t) },
		"terminated": func() { server.KillBackends(t, url) },
		"crashed":    func() { server.Crash(t) },
		"stopped":    func() { server.Stop(t) },
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := hold.db.BeginTx(t.Context(), nil) // so that the run waits in the middle
			require.NoError(t, err)
			_, err = tx.ExecContext(t.Context(), `UPDATE cluster SET name = name`)
			require.NoError(t, err)
			ended := make(chan error)
			go func() {
				o := at(url)
				o.Timeout = 20 * time.Second
				s, err := Open(t.Context(), o, Writing)
				if err == nil {
					_, err = (&world{w.T, s}).try(9, `a Deployment/web app nginx:2 d2`)
					_ = s.Close()
				}
				ended <- err
			}()
			waiting := func() bool {
				return server.SQL(t, url, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "1"
			}
			require.Eventually(t, waiting, 15*time.Second, 20*time.Millisecond)
			fault()
			require.ErrorIs(t, <-ended, ErrUnavailable)
			if name == "hung" {
				server.Resume(t)
			}
			_ = tx.Rollback() // the connection may be gone
			server.Restart(t)
		})
	}
	after := newWorld(t, url)
	after.want(`a Deployment/web app nginx:1 d1 -/0/-/-`)
	after.record(10, `a Deployment/web app nginx:2 d2`)
	after.want(`a Deployment/web app nginx:1 d1 -/0/0/10 gone
		a Deployment/web app nginx:2 d2 0/10/-/-`)
}

func TestOtherWriterIsWaitedForInTime(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(0, `a Deployment/web app nginx:1 d1`)
		tx, err := w.store.db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), `UPDATE cluster SET name = name`)
		require.NoError(t, err)
		err = inTime(t, at(url), func(o Options) error {
			o.Timeout = 10 * time.Second // so that it is the other writer that is waited for
			s, err := Open(t.Context(), o, Writing)
			require.NoError(t, err, "what is there can be seen")
			_, err = (&world{t, s}).try(1, `a Deployment/web app nginx:2 d2`)
			require.NoError(t, s.Close())
			return err
		})
		require.ErrorContains(t, err, "record the run")
		require.NoError(t, tx.Commit())
		w.record(2, `a Deployment/web app nginx:2 d2`)
		w.want(`a Deployment/web app nginx:1 d1 -/0/0/2 gone
			a Deployment/web app nginx:2 d2 0/2/-/-`)
	})
}

func TestFullDiskRefusesARunAsAWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newFile(t))
	w.record(0, wave(0))
	pages := one(t, w.store, `PRAGMA page_count`)
	_, err := w.store.db.ExecContext(t.Context(), `PRAGMA max_page_count = `+pages)
	require.NoError(t, err)
	before := dump(t, w.store)
	_, err = w.try(1, wave(1))
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "full")
	assert.Equal(t, before, dump(t, w.store))
	_, err = w.store.db.ExecContext(t.Context(), `PRAGMA max_page_count = 1000000`)
	require.NoError(t, err)
	assert.Equal(t, sightings, w.record(2, wave(1)).Opened, "it goes on when there is room")
}

func TestReadersNeedNoRightToWrite(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	w := newWorld(t, path)
	w.record(0, `a Deployment/web app nginx:1 d1`)
	require.NoError(t, w.store.db.Close())
	mount := filepath.Join(t.TempDir(), "reader.db")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(mount, content, 0o400))
	r := opened(t, mount, Reading)
	assert.Len(t, dump(t, r), 1)

	server := postgres.Server(t)
	url := newDatabase(t)
	newWorld(t, url).record(0, `a Deployment/web app nginx:1 d1`)
	r = opened(t, server.ReadOnly(t, url), Reading)
	assert.Len(t, dump(t, r), 1)
	_, err = r.db.ExecContext(t.Context(), `DELETE FROM sighting`)
	require.Error(t, err)
	all, err := r.Status(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []any{"PostgreSQL", 1, 1}, []any{all.Engine, all.Version, all.Runs})
	assert.Positive(t, all.Bytes)
}

func TestPostgresIsChangedByMigrateAlone(t *testing.T) {
	t.Parallel()
	url := postgres.Server(t).Database(t)
	for _, mode := range []Mode{Reading, Writing} {
		_, err := Open(t.Context(), at(url), mode)
		require.ErrorIs(t, err, ErrNotMigrated)
		require.ErrorIs(t, err, ErrUnavailable)
		require.ErrorContains(t, err, "stocktake history migrate")
	}
	var together sync.WaitGroup
	for range 4 {
		together.Go(func() {
			_, to, err := Migrate(context.WithoutCancel(t.Context()), at(url))
			if err != nil {
				t.Error(err)
			}
			assert.Equal(t, 1, to)
		})
	}
	together.Wait()
	w := newWorld(t, url)
	w.record(0, `a Deployment/web app nginx:1 d1`)

	from, to, err := migrate(t.Context(), at(url), newer(t, "2"))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2}, []int{from, to})
	_, err = Open(t.Context(), at(url), Writing)
	require.ErrorIs(t, err, ErrTooNew)
	_, err = Open(t.Context(), at(url), Reading)
	require.ErrorIs(t, err, settings.ErrInvalid)
	s, err := open(t.Context(), at(url), Writing, newer(t, "2"))
	require.NoError(t, err)
	assert.Len(t, dump(t, s), 1)
	require.NoError(t, s.Close())
}

func TestHostileTextIsAlikeInBothEngines(t *testing.T) {
	t.Parallel()
	dumps := [][]string{}
	for _, url := range []string{newFile(t), newDatabase(t)} {
		w := newWorld(t, url)
		for n := range 2 {
			done := w.hostile(n)
			assert.Equal(t, []int{6, 0}[n], done.Opened, "it is known the second time")
			assert.Zero(t, done.Closed)
		}
		dumps = append(dumps, dump(t, w.store))
		_, err := w.store.Forget(t.Context(), "c'; DROP TABLE run; --\x00\xff")
		require.NoError(t, err)
	}
	assert.Equal(t, dumps[0], dumps[1])
	assert.Contains(t, strings.Join(dumps[0], "\n"), `zero\x00 and \xff`)
	assert.Contains(t, strings.Join(dumps[0], "\n"), "\x1b[31mred")
}

func (w *world) hostile(n int) Recorded {
	seen, run := see(`a empty`)
	for i, name := range []string{"'; DROP TABLE sighting; --", strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20) + "y", "\x1b[31mred", "zero\x00 and \xff", "é\u202e"} {
		p := pod([]string{"a", "Deployment/web", name, name, "d1"})
		p.Workload.Name = name
		require.NoError(w, seen.Pod(&p), i)
	}
	require.NoError(w, seen.End("a", nil))
	run.Cluster, run.Scope, run.Selection, run.Version = "c'; DROP TABLE run; --\x00\xff", "\x00", "\xff", "v\x00"
	run.Began, run.At = minute(n), minute(n).Add(time.Second)
	done, err := w.store.Record(w.Context(), seen, run)
	require.NoError(w, err)
	return done
}
