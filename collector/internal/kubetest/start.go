package kubetest

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Shared is one control plane for all tests of a package, started by the first
// test that asks for it. The zero value is ready:
//
//	var shared kubetest.Shared
//
//	func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }
//
//	func TestPods(t *testing.T) {
//		cluster := shared.Cluster(t)
//
// The tests that use it must not run in parallel, unless they keep to names of
// their own: they see each other's objects, and Wipe removes everything.
type Shared struct {
	// Options are those of the control plane; set them before the first test.
	Options Options

	once    sync.Once
	cluster *Cluster
	err     error
}

// Main runs the tests of the package and then stops what they started.
func (s *Shared) Main(m *testing.M) int { return Main(m, s) }

// Stop ends the control plane when there is one, for Main.
func (s *Shared) Stop() error {
	if s.cluster == nil {
		return nil
	}
	return s.cluster.Stop()
}

// Main is Shared.Main for the tests of a package that start several control planes: each
// argument is a Shared or a Pool.
func Main(m *testing.M, started ...interface{ Stop() error }) int {
	code := m.Run()
	for _, s := range started {
		if err := s.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop control plane:", err)
			code = max(code, 1)
		}
	}
	return code
}

// Cluster returns the control plane, running, as the tests before left it.
func (s *Shared) Cluster(t testing.TB) *Cluster {
	t.Helper()
	s.once.Do(func() { s.cluster, s.err = Launch(s.Options) })
	require.NoError(t, s.err)
	return s.cluster
}
