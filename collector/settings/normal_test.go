package settings

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChoicesAreTakenInUpperCase(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{"STOCKTAKE_LOG_LEVEL=WARNING": "warning", "STOCKTAKE_LOG_LEVEL=INFO": "info", "KAI_LOG_LEVEL=Debug": "debug"} {
		l, err := load(Sources{Environ: []string{variable}})
		require.NoError(t, err)
		assert.Equal(t, want, l.Run.LogLevel)
	}
	_, err := load(Sources{Environ: []string{"STOCKTAKE_LOG_LEVEL=loud"}})
	require.EqualError(t, err, `settings: log.level: "loud" is not one of error, warn, warning, info, debug (from environment STOCKTAKE_LOG_LEVEL)`)
}

func TestWholeNumbersHaveManySpellings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"10485760": 10485760, "1.048576e+07": 10485760, "1e+06": 1_000_000, "1048576.0": 1048576, "1048576.": 1048576, "1E6": 1_000_000,
		"5e0": 5, "120e-1": 12, " 1e+06 ": 1_000_000, "0.0": 0, "+1e2": 100,
	} {
		l, err := load(Sources{Flags: map[string]string{"spool.memory": text}})
		require.NoError(t, err, text)
		assert.Equal(t, want, l.Run.Memory, text)
	}
	for _, text := range []string{"1.5", "1e-1", "1e400", "1e999999999", "1e+30", "9.007199254740995e+15", "0x1p4", "1_000.0", "e", ".", "1e", "NaN", "Inf", "1.048576e+07x"} {
		_, err := load(Sources{Flags: map[string]string{"spool.memory": text}})
		require.ErrorContains(t, err, "spool.memory", text)
	}
	l, err := load(Sources{Flags: map[string]string{"spool.memory": "1.6777216e+07", "anchore.http.timeout-seconds": "3e+01", "cluster-id": "1e3"}})
	require.NoError(t, err)
	assert.EqualValues(t, 16<<20, l.Run.Memory)
	assert.Equal(t, 30, l.Anchore.Timeout)
	assert.Equal(t, "1e3", l.Run.ClusterID, "a name is no number")
}

// TestWhatATemplatePrintsOfNothingIsNoValue: as the key of the routing label, <nil> would
// be on no namespace, and all of them would go to one account.
func TestWhatATemplatePrintsOfNothingIsNoValue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<nil>", "<no value>", "%!s(<nil>)"} {
		for _, name := range []string{"anchore.account", "namespace-selectors.exclude", "log.level", "quiet", "spool.memory"} {
			_, err := load(Sources{Flags: map[string]string{name: text}})
			require.ErrorIs(t, err, ErrInvalid, name)
			require.ErrorContains(t, err, name+": ")
			require.ErrorContains(t, err, "what a template prints of a value that is not there (from flag)")
		}
	}
	_, err := load(Sources{Environ: []string{"ANCHORE_PASSWORD=<nil>"}})
	require.NoError(t, err, "a password may be anything")
}

func TestListsInEveryForm(t *testing.T) {
	t.Parallel()
	for title, from := range map[string]Sources{
		"YAML":              {Config: fileOf(t, "a.yaml", "namespace-selectors: {exclude: ['^a{1,3}$', b]}")},
		"lines":             {Config: folder(t, map[string]string{"namespace-selectors.exclude": "^a{1,3}$\nb\n"})},
		"JSON in a file":    {Config: folder(t, map[string]string{"namespace-selectors.exclude": `["^a{1,3}$", "b"]`})},
		"JSON in the env":   {Environ: []string{`STOCKTAKE_NAMESPACE_SELECTORS_EXCLUDE=["^a{1,3}$","b"]`}},
		"a prefixed name":   {Environ: []string{"ANCHORE_K8S_INVENTORY_NAMESPACE_SELECTORS_EXCLUDE=^a{1,3}$\nb"}},
		"a flag with lines": {Flags: map[string]string{"namespace-selectors.exclude": "^a{1,3}$\nb"}},
	} {
		if from.Config == "" {
			from.Config = t.TempDir()
		}
		l, err := load(from)
		require.NoError(t, err, title)
		assert.Equal(t, []string{"^a{1,3}$", "b"}, l.Run.Exclude, title)
	}
	l, err := load(Sources{Flags: map[string]string{"namespace-selectors.exclude": "a,b"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, l.Run.Exclude)
	one, err := load(Sources{Config: fileOf(t, "a.yaml", "namespace-selectors: {exclude: ['^a{1,3}$']}")})
	require.NoError(t, err)
	assert.Equal(t, []string{"^a{1,3}$"}, one.Run.Exclude)
}
