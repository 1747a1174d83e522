package view

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
	"stocktake/collector/settings"
)

// TestSettingsRefusesWhatARunRefuses has a wrong value of each package that judges them.
func TestSettingsRefusesWhatARunRefuses(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{
		"STOCKTAKE_NAMESPACE_SELECTORS_INCLUDE=Team_A":  `settings: namespace-selectors.include: "Team_A" is neither the name of a namespace nor a glob nor a /regular expression/ (from environment STOCKTAKE_NAMESPACE_SELECTORS_INCLUDE)`,
		"STOCKTAKE_NAMESPACE_SELECTORS_EXCLUDE=a(":      "namespace-selectors.exclude",
		"STOCKTAKE_METADATA_COLLECTION_PODS_LABELS=a=b": "(from environment STOCKTAKE_METADATA_COLLECTION_PODS_LABELS)",
		"CLUSTER_ID=Prod":                                  "use lower-case letters, digits, - and _ only (from environment CLUSTER_ID)",
		"STOCKTAKE_DEADLINE=-1m":                           "for example 10m (from environment STOCKTAKE_DEADLINE)",
		"STOCKTAKE_KUBERNETES_REQUEST_BATCH_SIZE=-1":       "settings: kubernetes.request-batch-size is -1: set it to a number from 1 to 10000, or to 0 for pages that grow (from environment STOCKTAKE_KUBERNETES_REQUEST_BATCH_SIZE)",
		"STOCKTAKE_KUBERNETES_HTTP_VERSION=3":              "(from environment STOCKTAKE_KUBERNETES_HTTP_VERSION)",
		"STOCKTAKE_ACCOUNT_ROUTES=a: {namespaces: ['a(']}": "(from environment STOCKTAKE_ACCOUNT_ROUTES)",
	} {
		var out, warnings bytes.Buffer
		err := PrintSettings(collector.Invocation{Environ: []string{variable}, Stdout: &out, Stderr: &warnings})
		require.ErrorIs(t, err, settings.ErrInvalid, variable)
		require.ErrorContains(t, err, want)
		assert.Contains(t, out.String(), "SETTING", "what is wrong is shown too")
	}
	for _, environ := range [][]string{nil, {"ANCHORE_URL=https://a"}, {"STOCKTAKE_KUBECONFIG_PATH=/nonexistent"}} {
		var out bytes.Buffer
		require.NoError(t, PrintSettings(collector.Invocation{Environ: environ, Stdout: &out, Stderr: &out}), "what is missing is not judged")
	}
}
