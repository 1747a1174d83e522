package postgrestest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// findInstallation for a system without Debian's packages.
func TestFindInstallationSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findInstallation(t.TempDir())

	require.ErrorIs(t, err, errMissing)
	assert.ErrorContains(t, err, ".ci/postgres")
}

func TestFindInstallationWantsAllPrograms(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	program(t, filepath.Join(top, "15", "bin", "initdb"))
	_, err := findInstallation(top)

	require.ErrorIs(t, err, errMissing)
	assert.ErrorContains(t, err, "15/bin has no pg_ctl")
}

func TestFindInstallationTakesTheNewest(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	for _, version := range []string{"9", "15", "8.4"} {
		for _, name := range []string{"initdb", "pg_ctl", "postgres", "psql"} {
			program(t, filepath.Join(top, version, "bin", name))
		}
	}
	found, err := findInstallation(top)

	require.NoError(t, err)
	assert.Equal(t, filepath.Join(top, "15", "bin"), found.bin)
}

func program(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, nil, 0o755))
}
