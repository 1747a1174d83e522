package settings

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
		_, err := load(Sources{Environ: []string{variable}})
		require.ErrorIs(t, err, ErrInvalid, variable)
		require.ErrorContains(t, err, want)
	}
	links := []string{
		"STOCKTAKE_SERVICE_HOST=10.0.0.1", "STOCKTAKE_SERVICE_PORT=80", "STOCKTAKE_SERVICE_PORT_HTTP=80", "STOCKTAKE_PORT=tcp://10.0.0.1:80",
		"STOCKTAKE_PORT_80_TCP=tcp://10.0.0.1:80", "STOCKTAKE_PORT_80_TCP_ADDR=10.0.0.1", "STOCKTAKE_UI_PORT_80_TCP_PROTO=tcp", "STOCKTAKE_DEADLNE=",
	}
	l, err := load(Sources{Environ: links})
	require.NoError(t, err, "what Kubernetes writes, and what is empty")
	assert.Empty(t, l.Values)
	l, err = load(Sources{Environ: []string{"STOCKTAKE_MODE=periodic"}})
	require.NoError(t, err)
	assert.Len(t, l.Warnings, 1)
}

func TestRetiredVariablesWarn(t *testing.T) {
	t.Parallel()
	l, err := load(Sources{Config: t.TempDir(), Environ: []string{"KAI_MODE=periodic", "MODE=something of the shell"}})
	require.NoError(t, err)
	require.Len(t, l.Warnings, 1)
	assert.True(t, strings.HasPrefix(l.Warnings[0], "mode (environment KAI_MODE)"), l.Warnings[0])
}
