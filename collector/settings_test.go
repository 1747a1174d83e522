package collector_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
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

// loaded is the settings of an invocation, and where they came from.
type loaded struct {
	collector.Settings
	settings.Given
}

func load(inv collector.Invocation) (loaded, error) {
	all, given, err := collector.Load(inv)
	return loaded{all, given}, err
}

func fileOf(t *testing.T, name, content string) string {
	t.Helper()
	return filepath.Join(folder(t, map[string]string{name: content}), name)
}

func TestClusterNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{"prod": true, "prod_1-eu": true, "Prod": false, "prod.eu": false, "a b": false, "ü": false} {
		got, err := collector.RunOptions{ClusterID: name}.Name()
		if good {
			require.NoError(t, err, name)
			assert.Equal(t, name, got)
			continue
		}
		require.ErrorIs(t, err, settings.ErrInvalid, name)
		require.ErrorContains(t, err, name)
	}
	_, err := collector.RunOptions{}.Name()
	assert.ErrorContains(t, err, "CLUSTER_ID")
}

func TestCatalogIsConsistent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range collector.Catalog() {
		assert.Regexp(t, `^[a-z0-9]+([.-][a-z0-9]+)*$`, s.Name)
		assert.NotEmpty(t, s.Doc, s.Name)
		for _, variable := range s.Variables() {
			assert.False(t, seen[variable], "%s: two settings of one variable", s.Name)
			seen[variable] = true
		}
	}
}

// TestCatalogSaysWhatValuesAre: by it an address is shown without its login, and a shell
// completes the names of files.
func TestCatalogSaysWhatValuesAre(t *testing.T) {
	t.Parallel()
	holds := map[string]string{".url": "address", ".server": "address", ".path": "file", "-file": "file"}
	seen := map[string]int{}
	for _, s := range collector.Catalog() {
		for ending, want := range holds {
			if strings.HasSuffix(s.Name, ending) {
				assert.Equal(t, want, s.Holds, s.Name)
				seen[ending]++
			}
		}
	}
	assert.Len(t, seen, len(holds))
}

// TestSampleFolderIsUnderstood reads the folder that the repository shows.
func TestSampleFolderIsUnderstood(t *testing.T) {
	t.Parallel()
	l, err := load(collector.Invocation{Config: filepath.Join("..", ".config")})
	require.NoError(t, err)
	assert.NotEmpty(t, l.Values)
}
