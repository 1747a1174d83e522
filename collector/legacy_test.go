package collector

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFilesOfOlderToolsGolden holds what the settings files of KAI and
// anchore-k8s-inventory come to, with every key of each.
func TestFilesOfOlderToolsGolden(t *testing.T) {
	for name, environ := range map[string][]string{
		"kai": {"KAI_ANCHORE_PASSWORD=s3cret: #1"},
		"aki": {"ANCHORE_K8S_INVENTORY_ANCHORE_PASSWORD=s3cret: #1"},
	} {
		var out, warnings bytes.Buffer
		inv := Invocation{Config: filepath.Join("testdata", name+".yaml"), Environ: environ, Stdout: &out, Stderr: &warnings}
		require.NoError(t, PrintSettings(inv), name)
		got := out.String() + warnings.String()
		assert.NotContains(t, got, "s3cret")
		golden := filepath.Join("testdata", name+".settings.golden")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, "run `make generate` and read the difference")

		l, err := load(inv)
		require.NoError(t, err)
		assert.Equal(t, "s3cret: #1", l.Anchore.Password)
		cluster, err := l.Run.cluster()
		require.NoError(t, err)
		assert.Equal(t, "docker-desktop", cluster)
	}
}

// TestVariablesOfOlderToolsNeedNoFile sets every setting by its prefixed
// variable alone (defect 28 of anchore-k8s-inventory: without the key in a file
// they counted for nothing).
func TestVariablesOfOlderToolsNeedNoFile(t *testing.T) {
	t.Parallel()
	for _, prefix := range legacyPrefixes {
		for _, s := range catalog() {
			for _, name := range s.variables() {
				next, err := readEnviron(catalog(), Invocation{Environ: []string{prefix + name + "=x"}})
				require.NoError(t, err)
				assert.Equal(t, given{"x", "environment " + prefix + name}, next.values[s.name], prefix+name)
			}
		}
	}
}

func TestRetiredVariablesWarn(t *testing.T) {
	t.Parallel()
	l, err := load(Invocation{Config: t.TempDir(), Environ: []string{"KAI_MODE=periodic", "MODE=something of the shell"}})
	require.NoError(t, err)
	require.Len(t, l.warnings, 1)
	assert.True(t, strings.HasPrefix(l.warnings[0], "mode (environment KAI_MODE)"), l.warnings[0])
}
