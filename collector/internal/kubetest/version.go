package kubetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// snapshots is the minor version of the first Kubernetes whose API server serves pages
// from snapshots of its watch cache (KEP-4988), in a feature gate of its own.
const snapshots = 34

// Minor is the minor version of the API server: 36 of v1.36.3.
func (c *Cluster) Minor() int { return c.minor }

// Since skips the test on an API server that is older than v1.minor, the first that
// has the feature. Only a server that somebody chose is old: on the one that the
// repository builds for all tests, the test fails instead.
func (c *Cluster) Since(t testing.TB, minor int, feature string) {
	t.Helper()
	if c.minor >= minor {
		return
	}
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Fatalf("%s: since Kubernetes 1.%d, and .ci/cluster pins 1.%d", feature, minor, c.minor)
	}
	t.Skipf("%s: since Kubernetes 1.%d, and this API server is 1.%d", feature, minor, c.minor)
}

// minorOf asks the program itself, before it is started, because its flags depend on it.
func minorOf(assets string) (minor int, err error) {
	out, err := exec.Command(filepath.Join(assets, "kube-apiserver"), "--version").Output() //nolint:noctx // it ends at once
	if err != nil {
		return 0, fmt.Errorf("kube-apiserver --version: %w", err)
	}
	if _, err := fmt.Sscanf(string(out), "Kubernetes v1.%d.", &minor); err != nil {
		return 0, fmt.Errorf("kube-apiserver --version: %q is not what it says", out)
	}
	return minor, nil
}
