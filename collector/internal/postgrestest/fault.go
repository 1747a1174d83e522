package postgrestest

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Stop shuts the server down and drops every connection, as an upgrade does. Restart
// starts it again.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.down(t, "fast")
}

// Crash ends the server without a last word; Restart recovers it from its log.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	s.down(t, "immediate")
}

// Restart starts the server again at the same port, having shut it down where it runs.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if s.running() {
		s.Stop(t)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), startTimeout)
	defer cancel()
	require.NoError(t, s.up(ctx))
}

// Pause halts every process of the server: connections are accepted by the kernel, those
// that there are stay, and nobody answers. Resume ends that.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	pids := append([]int{s.postmaster(t)}, numbers(t, s.SQL(t, s.url(Role, superuser), "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"))...)
	words := make([]string, len(pids))
	for i, pid := range pids {
		words[i] = strconv.Itoa(pid)
	}
	require.NoError(t, os.WriteFile(s.paused(), []byte(strings.Join(words, " ")), 0o644)) // the guard may be another user
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGSTOP) // one that has ended meanwhile is none
	}
}

// Resume lets a paused server go on.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	words, err := os.ReadFile(s.paused())
	require.NoError(t, err)
	for _, pid := range numbers(t, string(words)) {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	require.NoError(t, os.Remove(s.paused()))
}

// KillBackends ends every connection to a database, in the middle of what it does (57P01),
// and returns how many there were.
func (s *Server) KillBackends(t testing.TB, database string) int {
	t.Helper()
	out := s.SQL(t, database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	return len(strings.Fields(out))
}

func (s *Server) down(t testing.TB, mode string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), startTimeout)
	defer cancel()
	_, err := s.install.run(ctx, "pg_ctl", "--pgdata="+s.data(), "--mode="+mode, "--wait", "--silent", "stop")
	require.NoError(t, err)
}

func (s *Server) paused() string { return filepath.Join(s.dir, "paused") }

// running says whether the server is there and answers.
func (s *Server) running() bool {
	_, stopped := os.Stat(filepath.Join(s.data(), "postmaster.pid"))
	_, paused := os.Stat(s.paused())
	return stopped == nil && paused != nil
}

func (s *Server) postmaster(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	return numbers(t, first)[0]
}

func numbers(t testing.TB, text string) []int {
	t.Helper()
	var all []int
	for word := range strings.FieldsSeq(text) {
		n, err := strconv.Atoi(word)
		require.NoError(t, err)
		all = append(all, n)
	}
	return all
}
