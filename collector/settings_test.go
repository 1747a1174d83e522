package collector

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

// folder writes one file per setting, as a mounted ConfigMap has them.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, value := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(value), 0o600))
	}
	return dir
}

func fileOf(t *testing.T, name, content string) string {
	t.Helper()
	return filepath.Join(folder(t, map[string]string{name: content}), name)
}

func TestClusterNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{"prod": true, "prod_1-eu": true, "Prod": false, "prod.eu": false, "a b": false, "ü": false} {
		got, err := RunOptions{ClusterID: name}.cluster()
		if good {
			require.NoError(t, err, name)
			assert.Equal(t, name, got)
			continue
		}
		require.ErrorIs(t, err, settings.ErrInvalid, name)
		require.ErrorContains(t, err, name)
	}
	_, err := RunOptions{}.cluster()
	assert.ErrorContains(t, err, "CLUSTER_ID")
}

func TestCatalogIsConsistent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range Catalog() {
		assert.Regexp(t, `^[a-z0-9]+([.-][a-z0-9]+)*$`, s.Name)
		assert.NotEmpty(t, s.Doc, s.Name)
		for _, variable := range s.Variables() {
			assert.False(t, seen[variable], "%s: two settings of one variable", s.Name)
			seen[variable] = true
		}
	}
}

func TestLogFileTakesTheLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stocktake.log")
	var stderr bytes.Buffer
	log, err := newLogger(&stderr, RunOptions{LogFile: path, LogLevel: "info"})
	require.NoError(t, err)
	log.Info().Msg("one")
	log.Error().Msg("two")
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(got), "one")
	assert.Contains(t, string(got), "two")
	assert.NotContains(t, stderr.String(), "one")
	assert.Contains(t, stderr.String(), "two")

	for _, bad := range []string{t.TempDir(), filepath.Join(path, "x"), "/dev/null"} {
		log, err := newLogger(&stderr, RunOptions{LogFile: bad})
		require.ErrorIs(t, err, settings.ErrInvalid, bad)
		require.ErrorContains(t, err, "log.file")
		log.Error().Msg("three")
	}
	assert.Contains(t, stderr.String(), "three")
}

// TestSampleFolderIsUnderstood reads the folder that the repository shows.
func TestSampleFolderIsUnderstood(t *testing.T) {
	t.Parallel()
	l, err := load(Invocation{Config: filepath.Join("..", ".config")})
	require.NoError(t, err)
	assert.NotEmpty(t, l.Values)
}
