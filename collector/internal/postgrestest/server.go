package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	superuser = "postgres"
	// Role owns the databases that tests get, and is no superuser.
	Role = "stocktake"
	// Password is that of every role, a word that nothing may print.
	Password = "Tulpe-31-Quitte" //nolint:gosec // of servers that end with their test
)

// startTimeout is generous: a machine that runs several packages of tests at once takes
// many times the half second that a server needs alone.
const startTimeout = time.Minute

// Server is one running PostgreSQL.
type Server struct {
	install installation
	dir     string // holds data, socket and log
	port    int

	guard *exec.Cmd
	alive io.Closer // the guard ends the server when this is closed
}

// Start starts a server for one test, which may do to it what it likes. Settings are
// lines of postgresql.conf, such as "max_connections = 3".
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := Launch(settings...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.end()) })
	return s
}

// Launch starts a server, for programs; tests have Start and Shared. Whoever calls it
// ends it, or the end of the process does.
func Launch(settings ...string) (*Server, error) {
	install, err := findInstallation("/usr/lib/postgresql")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "postgrestest-")
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s := &Server{install: install, dir: dir}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := s.start(ctx, settings); err != nil {
		return nil, errors.Join(fmt.Errorf("start PostgreSQL: %w", err), s.end())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, settings []string) (err error) {
	if err := s.install.own(s.dir); err != nil {
		return err
	}
	if err := s.watch(); err != nil { //nolint:contextcheck // it lives as long as the server
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if s.port, err = freePort(); err != nil {
		return err
	}
	if err := s.configure(settings); err != nil {
		return err
	}
	if err := s.up(ctx); err != nil {
		return err
	}
	_, err = s.sql(ctx, superuser, "CREATE ROLE "+Role+" LOGIN PASSWORD '"+Password+"'")
	return err
}

// ending waits until its input is closed, by us or by our death, and leaves nothing.
// Processes that a test has stopped would not hear that the server ends.
const ending = `read -r _
[ ! -f "$1/paused" ] || kill -s CONT $(cat "$1/paused")
[ ! -f "$1/data/postmaster.pid" ] || "$2/pg_ctl" --pgdata="$1/data" --mode=immediate --silent stop
rm -rf "$1"`

// watch starts the shell that ends the server. It runs from before the server starts.
func (s *Server) watch() error {
	s.guard = s.install.command(context.Background(), "sh", "-c", ending, "sh", s.dir, s.install.bin)
	alive, err := s.guard.StdinPipe()
	if err != nil {
		return err
	}
	s.alive = alive
	return s.guard.Start()
}

// end ends the server and removes what it stored.
func (s *Server) end() error {
	if s.guard == nil || s.guard.Process == nil {
		return os.RemoveAll(s.dir)
	}
	_ = s.alive.Close()
	return s.guard.Wait()
}

// up starts the server's processes and waits until they answer.
func (s *Server) up(ctx context.Context) error {
	log := filepath.Join(s.dir, "log")
	_, err := s.install.run(ctx, "pg_ctl", "--pgdata="+s.data(), "--log="+log, "--wait", "--timeout="+strconv.Itoa(int(startTimeout.Seconds())), "--silent", "start")
	if err != nil {
		said, _ := os.ReadFile(log)
		return fmt.Errorf("%w\n%s", err, said)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// sql runs statements as a superuser by the server's socket, which no fault of the network reaches.
func (s *Server) sql(ctx context.Context, database, statements string) (string, error) {
	return s.install.run(ctx, "psql", "--host="+s.dir, "--port="+strconv.Itoa(s.port), "--username="+superuser, "--dbname="+database,
		"--no-psqlrc", "--no-password", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--command="+statements)
}
