package collector_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
	"stocktake/collector/settings"
	"stocktake/collector/view"
	"stocktake/collector/workload"
)

// TestEveryRefusedChoiceSaysWhereItCameFrom has each setting of a few values.
func TestEveryRefusedChoiceSaysWhereItCameFrom(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, s := range collector.Catalog() {
		if len(s.Choices) == 0 {
			continue
		}
		tried++
		name := "STOCKTAKE_" + variable(s.Name)
		_, err := load(collector.Invocation{Environ: []string{name + "=yaml"}})
		require.ErrorIs(t, err, settings.ErrInvalid, s.Name)
		require.ErrorContains(t, err, s.Name+`: "yaml" is not one of `+strings.Join(s.Choices, ", ")+" (from environment "+name+")")
		if s.Default != "" {
			assert.Contains(t, s.Choices, s.Default)
		}
	}
	assert.GreaterOrEqual(t, tried, 12)
}

func TestWhatIsNotUnderstoodIsNotJudgedTwice(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	inv := collector.Invocation{Environ: []string{"STOCKTAKE_DEADLINE=30", "STOCKTAKE_OUTPUT=yaml"}, Stdout: &out, Stderr: &errs}
	code := view.Images(t.Context(), inv, collector.Query{File: "-"}, view.ImageOptions{})
	assert.Equal(t, collector.BadSettings, code)
	assert.Contains(t, errs.String(), "(from environment STOCKTAKE_DEADLINE)")
	assert.Contains(t, errs.String(), "(from environment STOCKTAKE_OUTPUT)")
	assert.NotContains(t, errs.String(), "not a time to run in")
}

func TestRenderedSettingsMeanWhatTheyMeant(t *testing.T) {
	t.Parallel()
	l, err := load(collector.Invocation{Config: filepath.Join("testdata", "settings", "rendered.yaml")})
	require.NoError(t, err)
	assert.EqualValues(t, 10485760, l.Payload.MaxBytes)
	k, err := l.Metadata.Keeps()
	require.NoError(t, err)
	kept := map[string]bool{}
	for _, key := range []string{"app", "version", "other"} {
		kept[key] = k.Pods.Labels([]byte(key))
	}
	assert.Equal(t, map[string]bool{"app": true, "version": true, "other": false}, kept)
}

// TestListsThatGoPrinted has lists as a template without toYaml writes them, in each
// setting that takes one.
func TestListsThatGoPrinted(t *testing.T) {
	t.Parallel()
	s, err := workload.SelectOptions{Include: []string{"shop data"}, Exclude: []string{"kube-system default"}}.Selection()
	require.NoError(t, err)
	names, ok := s.Named()
	assert.True(t, ok)
	assert.Equal(t, []string{"shop", "data"}, names)
	assert.True(t, s.Exclude.Match("default"))
	r, err := deliver.RouteOptions{Routes: deliver.Routes{{Account: "a", Namespaces: []string{"shop data"}}}}.Router("admin")
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, r.Route(inventory.Namespace{Name: "data"}))
}

func TestNothingThatATerminalObeysIsPrinted(t *testing.T) {
	t.Parallel()
	const evil = "te\x1b[31mam\a\u009b2J\u202e"
	for title, inv := range map[string]collector.Invocation{
		"account":         {Config: filepath.Join("testdata", "settings", "account.yaml")},
		"name of a file":  {Config: fileOf(t, "a\x1b[31m\u009b.yaml", "quiet: true\n")},
		"pattern":         {Flags: map[string]string{"namespace-selectors.exclude": ".*" + evil}},
		"value":           {Flags: map[string]string{"kubeconfig.context": evil, "anchore.url": "https://h/" + evil}},
		"unknown account": {Config: fileOf(t, "a.yaml", "account-routes:\n  \"te\\e[31mam\": {passwort: x}\n")},
	} {
		var out bytes.Buffer
		inv.Stdout, inv.Stderr = &out, &out
		if err := view.PrintSettings(inv); err != nil {
			out.WriteString(err.Error())
		}
		for _, r := range out.String() {
			assert.True(t, r == '\n' || unicode.IsPrint(r), "%s: %U", title, r)
		}
	}
}

func TestAccountsThatNoHeaderTakesAreRefused(t *testing.T) {
	t.Parallel()
	for _, routes := range []string{
		`"team\nX-Evil: 1": {namespaces: [a]}`, `"te\u001bam": {namespaces: [a]}`, `"te\u007fam": {}`, `"team\u0085": {}`, `" team": {}`, `"": {namespaces: [a]}`,
	} {
		for title, inv := range map[string]collector.Invocation{
			"variable": {Environ: []string{"STOCKTAKE_ACCOUNT_ROUTES=" + routes}},
			"file":     {Config: folder(t, map[string]string{"account-routes": routes})},
			"YAML":     {Config: fileOf(t, "a.yaml", "account-routes:\n  "+routes+"\n")},
		} {
			l, err := load(inv)
			require.NoError(t, err, title)
			_, err = l.Route.Router("admin")
			require.Error(t, err, title+routes)
			assert.Equal(t, collector.BadSettings, collector.CodeOf(t.Context(), err))
			assert.Contains(t, err.Error(), "account-routes")
		}
	}
	_, err := deliver.RouteOptions{LabelKey: "team", DefaultAccount: "a\nb"}.Router("admin")
	require.ErrorContains(t, err, "account-route-by-namespace-label.default-account")
	_, err = deliver.RouteOptions{Routes: deliver.Routes{{Account: "Größe 1/a:b"}}}.Router("admin")
	require.NoError(t, err)
}
