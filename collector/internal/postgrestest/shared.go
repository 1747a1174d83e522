package postgrestest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Shared is one server for all tests of a package, started by the first that asks for it.
// The zero value is ready:
//
//	var postgres postgrestest.Shared
//
//	func TestMain(m *testing.M) { os.Exit(postgres.Main(m)) }
//
//	func TestRecord(t *testing.T) {
//		url := postgres.Server(t).Database(t)
//
// Each test has databases of its own, so they may run in parallel. A test that stops or
// pauses the server, or counts what it does, takes its own: Start.
type Shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Server returns the server, running.
func (s *Shared) Server(t testing.TB) *Server {
	t.Helper()
	s.once.Do(func() { s.server, s.err = Launch() })
	require.NoError(t, s.err)
	return s.server
}

// Main runs the tests of the package and then stops what they started.
func (s *Shared) Main(m *testing.M) int {
	code := m.Run()
	if err := s.Stop(); err != nil {
		println("stop PostgreSQL:", err.Error())
		code = max(code, 1)
	}
	return code
}

// Stop ends the server when there is one, for Main and for that of kubetest.
func (s *Shared) Stop() error {
	if s.server == nil {
		return nil
	}
	return s.server.end()
}
