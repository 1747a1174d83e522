package collector

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
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

// TestVariablesNeedNoFile sets every setting by each of its variables alone
// (defect 28 of anchore-k8s-inventory: without the key in a file those counted for
// nothing).
func TestVariablesNeedNoFile(t *testing.T) {
	t.Parallel()
	for _, s := range Catalog() {
		for _, name := range s.Variables() {
			l, _ := load(Invocation{Environ: []string{name + "=x"}}) // not every setting can be x
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
	for _, s := range Catalog() {
		if name := variable(s.Name); name != "CLUSTER_ID" && !strings.HasPrefix(name, "ANCHORE_") {
			environ = append(environ, name+"=x")
			files = append(files, name+"_FILE=/nonexistent")
		}
	}
	require.Greater(t, len(environ), 50)
	for _, vars := range [][]string{environ, files, {"MODE=periodic", "stocktake_output=yaml", "XSTOCKTAKE_OUTPUT=yaml", "ANCHORE_CLI_URL=x", "KAI_UNKNOWN=x"}} {
		l, err := load(Invocation{Environ: vars})
		require.NoError(t, err)
		assert.Empty(t, l.Values)
		assert.Empty(t, l.Warnings)
	}
}

func TestOwnVariablesThatNobodyKnowsAreErrors(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{
		"STOCKTAKE_DEADLNE=5m":                       "STOCKTAKE_DEADLNE: no setting has this variable: did you mean STOCKTAKE_DEADLINE?",
		"STOCKTAKE_LOGLEVEL=debug":                   "did you mean STOCKTAKE_LOG_LEVEL?",
		"STOCKTAKE_ANCHORE_PASWORD_FILE=/x":          "did you mean STOCKTAKE_ANCHORE_PASSWORD_FILE?",
		"STOCKTAKE_KUBERNETES_REQUEST_BATCHSIZE=100": "did you mean STOCKTAKE_KUBERNETES_REQUEST_BATCH_SIZE?",
		"STOCKTAKE_CONFIG=/x":                        "-config PATH",
		"STOCKTAKE_XYZZY_PLUGH_PLOVER=1":             "stocktake settings",
	} {
		_, err := load(Invocation{Environ: []string{variable}})
		require.ErrorIs(t, err, settings.ErrInvalid, variable)
		require.ErrorContains(t, err, want)
	}
	links := []string{
		"STOCKTAKE_SERVICE_HOST=10.0.0.1", "STOCKTAKE_SERVICE_PORT=80", "STOCKTAKE_SERVICE_PORT_HTTP=80", "STOCKTAKE_PORT=tcp://10.0.0.1:80",
		"STOCKTAKE_PORT_80_TCP=tcp://10.0.0.1:80", "STOCKTAKE_PORT_80_TCP_ADDR=10.0.0.1", "STOCKTAKE_UI_PORT_80_TCP_PROTO=tcp", "STOCKTAKE_DEADLNE=",
	}
	l, err := load(Invocation{Environ: links})
	require.NoError(t, err, "what Kubernetes writes, and what is empty")
	assert.Empty(t, l.Values)
	l, err = load(Invocation{Environ: []string{"STOCKTAKE_MODE=periodic"}})
	require.NoError(t, err)
	assert.Len(t, l.Warnings, 1)
}

func TestRetiredVariablesWarn(t *testing.T) {
	t.Parallel()
	l, err := load(Invocation{Config: t.TempDir(), Environ: []string{"KAI_MODE=periodic", "MODE=something of the shell"}})
	require.NoError(t, err)
	require.Len(t, l.Warnings, 1)
	assert.True(t, strings.HasPrefix(l.Warnings[0], "mode (environment KAI_MODE)"), l.Warnings[0])
}
