package collector

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

func TestChoicesAreTakenInUpperCase(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{"STOCKTAKE_LOG_LEVEL=WARNING": "warning", "STOCKTAKE_LOG_LEVEL=INFO": "info", "KAI_LOG_LEVEL=Debug": "debug"} {
		l, err := load(Invocation{Environ: []string{variable}})
		require.NoError(t, err)
		assert.Equal(t, want, l.Run.LogLevel)
	}
	l, err := load(Invocation{Flags: map[string]string{
		"output": "TABLE", "output-kind": "KAI", "anchore.api-version": "V2", "anchore.http.compression": "GZIP", "deliver.http.method": "put",
		"missing-tag-policy.policy": "Insert", "kubeconfig.user.type": "TOKEN", "log.structured": "True",
	}})
	require.NoError(t, err)
	assert.Equal(t, []string{"table", "kai", "v2", "gzip", "PUT", "insert", "token", "true"}, []string{
		l.Run.Output, l.Run.OutputKind, l.Anchore.APIVersion, l.Anchore.Compression, l.HTTP.Method,
		string(l.Payload.TagPolicy), l.Kube.UserType, l.Run.LogStructured,
	})
}

// TestEveryRefusedChoiceSaysWhereItCameFrom has each setting of a few values.
func TestEveryRefusedChoiceSaysWhereItCameFrom(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, s := range Catalog() {
		if len(s.Choices) == 0 {
			continue
		}
		tried++
		name := "STOCKTAKE_" + variable(s.Name)
		_, err := load(Invocation{Environ: []string{name + "=yaml"}})
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
	inv := Invocation{Environ: []string{"STOCKTAKE_DEADLINE=30", "STOCKTAKE_OUTPUT=yaml"}, Stdout: &out, Stderr: &errs}
	code := Images(context.Background(), inv, Query{File: "-"}, ImagesView{})
	assert.Equal(t, BadSettings, code)
	assert.Contains(t, errs.String(), "(from environment STOCKTAKE_DEADLINE)")
	assert.Contains(t, errs.String(), "(from environment STOCKTAKE_OUTPUT)")
	assert.NotContains(t, errs.String(), "not a time to run in")
}

func TestWholeNumbersHaveManySpellings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"10485760": 10485760, "1.048576e+07": 10485760, "1e+06": 1_000_000, "1048576.0": 1048576, "1048576.": 1048576, "1E6": 1_000_000,
		"5e0": 5, "120e-1": 12, " 1e+06 ": 1_000_000, "0.0": 0, "+1e2": 100,
	} {
		l, err := load(Invocation{Flags: map[string]string{"inventory-report-limits.payload-threshold-bytes": text}})
		require.NoError(t, err, text)
		assert.Equal(t, want, l.Payload.MaxBytes, text)
	}
	for _, text := range []string{"1.5", "1e-1", "1e400", "1e999999999", "1e+30", "9.007199254740995e+15", "0x1p4", "1_000.0", "e", ".", "1e", "NaN", "Inf", "1.048576e+07x"} {
		_, err := load(Invocation{Flags: map[string]string{"inventory-report-limits.payload-threshold-bytes": text}})
		require.ErrorContains(t, err, "inventory-report-limits.payload-threshold-bytes", text)
	}
	l, err := load(Invocation{Flags: map[string]string{"spool.memory": "1.6777216e+07", "anchore.http.timeout-seconds": "3e+01", "cluster-id": "1e3"}})
	require.NoError(t, err)
	assert.EqualValues(t, 16<<20, l.Payload.SpoolMemory)
	assert.Equal(t, 30, l.Anchore.TimeoutSeconds)
	assert.Equal(t, "1e3", l.Run.ClusterID, "a name is no number")
}

func TestRenderedSettingsMeanWhatTheyMeant(t *testing.T) {
	t.Parallel()
	l, err := load(Invocation{Config: filepath.Join("testdata", "settings", "rendered.yaml")})
	require.NoError(t, err)
	assert.EqualValues(t, 10485760, l.Payload.MaxBytes)
	k := l.Kube
	require.NoError(t, l.Metadata.apply(&k))
	kept := map[string]bool{}
	for _, key := range []string{"app", "version", "other"} {
		kept[key] = k.OfPods.Labels([]byte(key))
	}
	assert.Equal(t, map[string]bool{"app": true, "version": true, "other": false}, kept)
}

// TestListsThatGoPrinted has lists as a template without toYaml writes them, in each
// setting that takes one.
func TestListsThatGoPrinted(t *testing.T) {
	t.Parallel()
	s, err := SelectOptions{Include: []string{"shop data"}, Exclude: []string{"kube-system default"}}.selection()
	require.NoError(t, err)
	names, ok := s.named()
	assert.True(t, ok)
	assert.Equal(t, []string{"shop", "data"}, names)
	assert.True(t, s.exclude.Match("default"))
	r, err := RouteOptions{Routes: Routes{{Account: "a", Namespaces: []string{"shop data"}}}}.router("admin")
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, r.route(inventory.Namespace{Name: "data"}))
}

// TestWhatATemplatePrintsOfNothingIsNoValue has the key of the routing label, which as
// <nil> would be on no namespace, and all of them would go to one account.
func TestWhatATemplatePrintsOfNothingIsNoValue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<nil>", "<no value>", "%!s(<nil>)"} {
		for _, name := range []string{"account-route-by-namespace-label.key", "anchore.account", "anchore-registration.registration-id", "namespaces", "quiet", "spool.memory"} {
			_, err := load(Invocation{Flags: map[string]string{name: text}})
			require.ErrorIs(t, err, settings.ErrInvalid, name)
			require.ErrorContains(t, err, name+": ")
			require.ErrorContains(t, err, "what a template prints of a value that is not there (from flag)")
		}
	}
	_, err := load(Invocation{Environ: []string{"ANCHORE_PASSWORD=<nil>"}})
	require.NoError(t, err, "a password may be anything")
}

func TestNothingThatATerminalObeysIsPrinted(t *testing.T) {
	t.Parallel()
	const evil = "te\x1b[31mam\a\u009b2J\u202e"
	for title, inv := range map[string]Invocation{
		"account":         {Config: filepath.Join("testdata", "settings", "account.yaml")},
		"name of a file":  {Config: fileOf(t, "a\x1b[31m\u009b.yaml", "quiet: true\n")},
		"pattern":         {Flags: map[string]string{"namespace-selectors.exclude": ".*" + evil}},
		"value":           {Flags: map[string]string{"kubeconfig.context": evil, "anchore.url": "https://h/" + evil}},
		"unknown account": {Config: fileOf(t, "a.yaml", "account-routes:\n  \"te\\e[31mam\": {passwort: x}\n")},
	} {
		var out bytes.Buffer
		inv.Stdout, inv.Stderr = &out, &out
		if err := PrintSettings(inv); err != nil {
			out.WriteString(err.Error())
		}
		for _, r := range out.String() {
			assert.True(t, r == '\n' || unicode.IsPrint(r), "%s: %U", title, r)
		}
	}
}

func TestAddressesAreShownWithoutLogin(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{ //nolint:gosec // none of them is real
		"https://anchore.example.com":                            `"https://anchore.example.com"`,
		"https://u:FAKE-PW@anchore.example.com/api":              `"https://anchore.example.com/api" (without its login and query)`,
		"https://FAKE-PW@x.example.com":                          `"https://x.example.com" (without its login and query)`,
		"https://u:FAKE-PW@x.example.com/?sig=FAKE-SIG":          `"https://x.example.com/" (without its login and query)`,
		"https://x.example.com/in?sig=FAKE-SIG&x=a@b#FAKE":       "******",
		"https://x.example.com/in?sig=FAKE-SIG#FAKE":             `"https://x.example.com/in" (without its login and query)`,
		"https://u:1/FAKE-PW@x.example.com":                      "******",
		"https://u:1?FAKE-PW@x.example.com":                      "******",
		"https://u:1#FAKE-PW@x.example.com":                      "******",
		"https://u:FAKE%zz@x.example.com":                        "******",
		"https://u:FAKE@PW@x.example.com":                        `"https://x.example.com" (without its login and query)`,
		"u:FAKE-PW@x.example.com":                                "******",
		"x.example.com:9091?sig=FAKE":                            "******",
		"x.example.com:9091":                                     `"x.example.com:9091"`,
		"https://u:" + strings.Repeat("FAKE", 50) + "@h.example": `"https://h.example" (without its login and query)`,
	} {
		for _, name := range []string{"anchore.url", "deliver.http.url", "kubeconfig.server", "metrics.pushgateway.url"} {
			var out bytes.Buffer
			_ = PrintSettings(Invocation{Flags: map[string]string{name: value}, Stdout: &out, Stderr: &out})
			assert.NotContains(t, out.String(), "FAKE", value)
			assert.Regexp(t, `(?m)^`+name+` +.*flag`, out.String())
			assert.Contains(t, out.String(), want, value)
		}
	}
	var out bytes.Buffer
	_ = PrintSettings(Invocation{Flags: map[string]string{"kubeconfig.context": "https://u:FAKE-PW@h"}, Stdout: &out, Stderr: &out}) //nolint:gosec // no real one
	assert.NotContains(t, out.String(), "FAKE", "an address in another setting")
}

func TestAccountsThatNoHeaderTakesAreRefused(t *testing.T) {
	t.Parallel()
	for _, routes := range []string{
		`"team\nX-Evil: 1": {namespaces: [a]}`, `"te\u001bam": {namespaces: [a]}`, `"te\u007fam": {}`, `"team\u0085": {}`, `" team": {}`, `"": {namespaces: [a]}`,
	} {
		for title, inv := range map[string]Invocation{
			"variable": {Environ: []string{"STOCKTAKE_ACCOUNT_ROUTES=" + routes}},
			"file":     {Config: folder(t, map[string]string{"account-routes": routes})},
			"YAML":     {Config: fileOf(t, "a.yaml", "account-routes:\n  "+routes+"\n")},
		} {
			l, err := load(inv)
			require.NoError(t, err, title)
			_, err = l.Route.router("admin")
			require.Error(t, err, title+routes)
			assert.Equal(t, BadSettings, codeOf(t.Context(), err))
			assert.Contains(t, err.Error(), "account-routes")
		}
	}
	_, err := RouteOptions{LabelKey: "team", DefaultAccount: "a\nb"}.router("admin")
	require.ErrorContains(t, err, "account-route-by-namespace-label.default-account")
	_, err = RouteOptions{Routes: Routes{{Account: "Größe 1/a:b"}}}.router("admin")
	require.NoError(t, err)
}
