package postgrestest_test

import (
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

var shared postgrestest.Shared

func TestDatabasesAreOfOneTest(t *testing.T) {
	t.Parallel()
	s := shared.Server(t)
	mine, other := s.Database(t), s.Database(t)

	s.SQL(t, mine, "CREATE TABLE here (n int); INSERT INTO here VALUES (1), (2)")

	assert.Equal(t, "1\n2", s.SQL(t, mine, "SELECT n FROM here"))
	assert.Empty(t, s.SQL(t, other, "SELECT 1 FROM pg_tables WHERE tablename = 'here'"))
	assert.Equal(t, "stocktake|f", s.SQL(t, mine, "SELECT pg_get_userbyid(datdba), rolsuper FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = pg_get_userbyid(datdba)"))
}

// psql connects as the program does, by the URL, and without what surrounds the test.
func psql(t *testing.T, database, statement string) (string, error) {
	t.Helper()
	program := "psql"
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/psql"); len(found) > 0 {
		program = found[len(found)-1]
	}
	cmd := exec.CommandContext(t.Context(), program, database, "--no-psqlrc", "-tAc", statement)
	cmd.Env = []string{"LC_ALL=C", "PGCONNECT_TIMEOUT=2"}
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func TestURLsNeedTheirPassword(t *testing.T) {
	t.Parallel()
	database := shared.Server(t).Database(t)

	said, err := psql(t, database, "SELECT current_user")
	require.NoError(t, err, said)
	assert.Equal(t, postgrestest.Role, said)

	said, err = psql(t, strings.Replace(database, postgrestest.Password, "wrong", 1), "SELECT 1")
	require.Error(t, err)
	assert.Contains(t, said, "password authentication failed")
}

func TestReadOnlyLooksAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := shared.Server(t)
	database := s.Database(t)
	reader := s.ReadOnly(t, database)
	said, err := psql(t, database, "CREATE TABLE here AS SELECT 7 AS n")
	require.NoError(t, err, said)

	said, err = psql(t, reader, "SELECT n FROM here")
	require.NoError(t, err, said)
	assert.Equal(t, "7", said)
	said, err = psql(t, reader, "DELETE FROM here")
	require.Error(t, err)
	assert.Contains(t, said, "permission denied")
}

func TestRestartKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	s := postgrestest.Start(t, "max_connections = 9")
	database := s.Database(t)
	said, err := psql(t, database, "CREATE TABLE here AS SELECT 7 AS n")
	require.NoError(t, err, said)

	s.Crash(t)
	said, err = psql(t, database, "SELECT 1")
	require.Error(t, err)
	assert.Contains(t, said, "Connection refused")

	for range 2 {
		s.Restart(t)
		said, err = psql(t, database, "SELECT n, current_setting('max_connections') FROM here")
		require.NoError(t, err, said)
		assert.Equal(t, "7|9", said)
	}
	s.Stop(t)
}

func TestPauseIsSilence(t *testing.T) {
	t.Parallel()
	s := postgrestest.Start(t)
	database := s.Database(t)

	s.Pause(t)
	at, err := url.Parse(database)
	require.NoError(t, err)
	conn, err := net.DialTimeout("tcp", at.Host, 10*time.Second)
	require.NoError(t, err, "the kernel takes the connection")
	require.NoError(t, conn.Close())
	said, err := psql(t, database, "SELECT 1")
	require.Error(t, err)
	assert.Contains(t, said, "timeout expired")

	s.Resume(t)
	said, err = psql(t, database, "SELECT 1")
	require.NoError(t, err, said)
	s.Pause(t) // and the end of the test finds it so
}

func TestKillBackendsEndsAStatementUnderWay(t *testing.T) {
	t.Parallel()
	s := shared.Server(t)
	database := s.Database(t)
	type outcome struct {
		said string
		err  error
	}
	done := make(chan outcome)
	go func() {
		said, err := psql(t, database, "SELECT pg_sleep(60)")
		done <- outcome{said, err}
	}()
	require.Eventually(t, func() bool { return s.KillBackends(t, database) == 1 }, 30*time.Second, 20*time.Millisecond)

	got := <-done
	require.Error(t, got.err)
	assert.Contains(t, got.said, "terminating connection due to administrator command")
}

// TestServerEndsWithItsProcess kills a process that has started a server.
func TestServerEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	if os.Getenv("POSTGRESTEST_DIES") != "" {
		s, err := postgrestest.Launch()
		require.NoError(t, err)
		at, err := url.Parse(s.Database(t))
		require.NoError(t, err)
		_, _ = os.Stdout.WriteString(at.Host)
		p, err := os.FindProcess(os.Getpid())
		require.NoError(t, err)
		require.NoError(t, p.Kill())
		select {}
	}
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestServerEndsWithItsProcess$")
	cmd.Env = append(os.Environ(), "POSTGRESTEST_DIES=1")
	out, err := cmd.Output()
	require.ErrorContains(t, err, "signal: killed")
	host := strings.TrimSpace(string(out))

	require.NotEmpty(t, host)
	require.Eventually(t, func() bool {
		conn, err := net.DialTimeout("tcp", host, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 30*time.Second, 50*time.Millisecond)
}
