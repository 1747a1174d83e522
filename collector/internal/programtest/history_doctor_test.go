package programtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/postgrestest"
)

// TestDoctorLooksAtTheHistory, and changes nothing there.
func TestDoctorLooksAtTheHistory(t *testing.T) {
	t.Parallel()
	kubeconfig := twoTeams(t)
	examine := func(url string) outcome {
		return inside(t, call{args: []string{"doctor", "-external", kubeconfig, "-set", "cluster-id=prod", "-set", "history.timeout=2m"}, env: []string{"STOCKTAKE_HISTORY_URL=" + url}})
	}
	path := filepath.Join(t.TempDir(), "history.db")
	got := examine(path)
	assert.Equal(t, 0, got.code, got.stdout)
	assert.Contains(t, got.stdout, "there is none yet: the next run makes it")
	assert.NoFileExists(t, path)

	require.Equal(t, 0, inside(t, recording(kubeconfig, path)).code)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	got = examine(path)
	assert.Equal(t, 0, got.code, got.stdout)
	assert.Contains(t, got.stdout, "SQLite, schema 1, ")
	assert.Contains(t, got.stdout, "1 runs of 1 clusters; it can be written")
	assert.Contains(t, got.stdout, "prod was read last 0s ago, and is known since 2")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after)

	other := filepath.Join(t.TempDir(), "other")
	require.NoError(t, os.WriteFile(other, make([]byte, 4096), 0o600))
	got = examine(other)
	assert.Equal(t, 9, got.code, got.stdout)
	assert.Contains(t, got.stdout, "exit code 9")
	got = examine(filepath.Join(t.TempDir(), "missing", "history.db"))
	assert.Equal(t, 9, got.code, got.stdout)
	assert.Contains(t, got.stdout, "no journal can be made in its folder")

	server := sharedPostgres.Server(t)
	url := server.Database(t)
	got = examine(url)
	assert.Equal(t, 9, got.code, got.stdout)
	assert.Contains(t, got.stdout, "stocktake history migrate")
	require.Equal(t, 0, inside(t, call{args: []string{"history", "migrate"}, env: []string{"STOCKTAKE_HISTORY_URL=" + url}}).code)
	got = examine(url)
	assert.Equal(t, 0, got.code, got.stdout)
	assert.Contains(t, got.stdout, "PostgreSQL, schema 1, ")
	assert.Contains(t, got.stdout, "nothing is known of this cluster yet")
	got = examine(server.ReadOnly(t, url))
	assert.Equal(t, 9, got.code, "who may only read cannot record: %s", got.stdout)
	assert.Contains(t, got.stdout, "write it")
	assert.NotContains(t, got.stdout+got.stderr, postgrestest.Password)
}
