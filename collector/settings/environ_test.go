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

// Variables of other tools count as they are, the first of them before the others, and ours before all.
func TestVariablesOfOtherToolsCount(t *testing.T) {
	t.Parallel()
	type keyOptions struct {
		Key string `setting:"receiver.key" variable:"OLD_KEY,NEW_KEY" secret:"true" doc:"a key"`
	}
	type options struct{ Keys keyOptions }
	for _, test := range []struct {
		environ []string
		want    Value
	}{
		{[]string{"NEW_KEY=n"}, Value{"n", "environment NEW_KEY"}},
		{[]string{"NEW_KEY=n", "OLD_KEY=o"}, Value{"o", "environment OLD_KEY"}},
		{[]string{"OLD_KEY=o", "STOCKTAKE_RECEIVER_KEY=s"}, Value{"s", "environment STOCKTAKE_RECEIVER_KEY"}},
		{[]string{"OLD_KEY=o", "KAI_RECEIVER_KEY=k"}, Value{"o", "environment OLD_KEY"}},
	} {
		var o options
		given, err := Load(&o, Sources{Environ: test.environ})
		require.NoError(t, err)
		assert.Equal(t, test.want, given.Values["receiver.key"])
		assert.Equal(t, test.want.Text, o.Keys.Key)
		assert.Equal(t, []string{"PATH=/bin"}, CatalogOf(o).WithoutSecrets(append(test.environ, "PATH=/bin", "OLD_KEY_FILE=/x")))
	}
	_, err := Load(&options{}, Sources{Environ: []string{"OLD_KEY=o", "OLD_KEY_FILE=/x"}})
	require.ErrorIs(t, err, ErrInvalid)
	s, found := CatalogOf(options{}).find("NEW_KEY")
	assert.True(t, found, "as a key of a mounted Secret")
	assert.Equal(t, "OLD_KEY", s.OwnVariables()[0])
}
