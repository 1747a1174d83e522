package collector_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
	"stocktake/collector/settings"
	"stocktake/collector/view"
)

// TestFilesOfOlderToolsGolden holds what the settings files of KAI and
// anchore-k8s-inventory come to, with every key of each.
func TestFilesOfOlderToolsGolden(t *testing.T) {
	for name, environ := range map[string][]string{
		"kai": {"KAI_ANCHORE_PASSWORD=s3cret: #1"},
		"aki": {"ANCHORE_K8S_INVENTORY_ANCHORE_PASSWORD=s3cret: #1"},
	} {
		var out, warnings bytes.Buffer
		inv := collector.Invocation{Config: filepath.Join("testdata", name+".yaml"), Environ: environ, Stdout: &out, Stderr: &warnings}
		require.NoError(t, view.PrintSettings(inv), name)
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
		cluster, err := l.Run.Name()
		require.NoError(t, err)
		assert.Equal(t, "docker-desktop", cluster)
	}
}

// TestVariablesNeedNoFile sets every setting by each of its variables alone
// (defect 28 of anchore-k8s-inventory: without the key in a file those counted for
// nothing).
func TestVariablesNeedNoFile(t *testing.T) {
	t.Parallel()
	for _, s := range collector.Catalog() {
		for _, name := range s.Variables() {
			l, _ := load(collector.Invocation{Environ: []string{name + "=x"}}) // not every setting can be x
			assert.Equal(t, settings.Value{Text: "x", Source: "environment " + name}, l.Values[s.Name], name)
		}
		if all := s.Variables(); len(all) > 0 {
			for _, prefix := range []string{"STOCKTAKE_", "KAI_", "ANCHORE_K8S_INVENTORY_"} {
				assert.Contains(t, all, prefix+variable(s.Name))
			}
		}
	}
}

// variable is the name of a setting in the form of an environment variable.
func variable(name string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(name))
}

// TestVariablesOfOthersDoNotCount exports every setting under a name that other
// programs may use for something of theirs.
func TestVariablesOfOthersDoNotCount(t *testing.T) {
	t.Parallel()
	var environ, files []string
	for _, s := range collector.Catalog() {
		if name := variable(s.Name); name != "CLUSTER_ID" && !strings.HasPrefix(name, "ANCHORE_") {
			environ = append(environ, name+"=x")
			files = append(files, name+"_FILE=/nonexistent")
		}
	}
	require.Greater(t, len(environ), 50)
	for _, vars := range [][]string{environ, files, {"MODE=periodic", "stocktake_output=yaml", "XSTOCKTAKE_OUTPUT=yaml", "ANCHORE_CLI_URL=x", "KAI_UNKNOWN=x"}} {
		l, err := load(collector.Invocation{Environ: vars})
		require.NoError(t, err)
		assert.Empty(t, l.Values)
		assert.Empty(t, l.Warnings)
	}
}
