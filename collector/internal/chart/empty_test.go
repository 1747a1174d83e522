package chart

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// required are the keys without which there is nothing to install, and what helm says
// when they are left empty.
var required = map[string]string{
	"clusterId": "clusterId is not set", "anchore": "anchore.url is not set", "anchore.url": "anchore.url is not set",
	"anchore.existingSecret": "no credentials",
}

// free are the maps that Kubernetes or the user fills. Left empty, they lose their
// default, as everywhere with helm; any other key gets it back.
var free = []string{
	"resources", "podSecurityContext", "securityContext", "nodeSelector",
}

// TestKeyLeftEmptyIsAsAbsent walks all of values.yaml: blocks, and what is in them.
func TestKeyLeftEmptyIsAsAbsent(t *testing.T) {
	t.Parallel()
	const on = "{networkPolicy: {enabled: true}, firstRun: {enabled: true}, settings: {anchore-registration.enabled: true}}"
	want := string(release{values: on}.text(t))
	for _, v := range readValues(t).all() {
		t.Run(v.name(), func(t *testing.T) {
			t.Parallel()
			r := release{values: on, layers: []string{v.empty()}}
			if says, ok := required[v.name()]; ok {
				assert.Contains(t, r.refusal(t), says)
				return
			}
			text := r.text(t)
			parse(t, text)
			if v.touches(on) || slices.Contains(free, v.name()) {
				return // another rendering is right
			}
			assert.Empty(t, firstDifference(want, string(text)))
		})
	}
}

// TestKeyLeftEmptyBesideAllOthers renders every branch of the templates.
func TestKeyLeftEmptyBesideAllOthers(t *testing.T) {
	t.Parallel()
	full := examples(t)["full"]
	for _, v := range readValues(t).all() {
		t.Run(v.name(), func(t *testing.T) {
			t.Parallel()
			stdout, stderr, err := release{values: full, alone: true, layers: []string{v.empty()}}.template(t)
			if err != nil {
				assert.NotContains(t, stderr, "nil pointer")
				assert.NotContains(t, stderr, "error calling")
				assert.Contains(t, stderr, v.path[0], "the key is named")
				return
			}
			for _, o := range parse(t, stdout) {
				if o.GetKind() != "PrometheusRule" {
					typed(t, o)
				}
			}
		})
	}
}

// TestSettingsLeftEmptyAreNotGiven, neither those of the ConfigMap nor secrets.
func TestSettingsLeftEmptyAreNotGiven(t *testing.T) {
	t.Parallel()
	nothing := func(key string, names []string) string {
		return key + ": {" + strings.Join(names, ": null, ") + ": null}\n"
	}
	all := nothing("settings", settingNames()) + nothing("secretSettings", slices.Sorted(maps.Keys(secretSettings())))

	assert.Empty(t, firstDifference(string(release{}.text(t)), string(release{values: all}.text(t))))
	release{alone: true, values: given(t, "settings-left-empty")}.render(t)
	assert.Contains(t, release{values: "rbac: {scope: namespaces, namespaces: null}"}.refusal(t), "rbac.namespaces is empty")
}

// TestEntriesLeftEmptyAreNotThere: of maps that the user fills.
func TestEntriesLeftEmptyAreNotThere(t *testing.T) {
	t.Parallel()
	all := release{values: `
commonLabels: {a: null}
commonAnnotations: {a: null}
podLabels: {a: null}
podAnnotations: {a: null}
serviceAccount: {annotations: {a: null}}
nodeSelector: {a: null}
resources: {limits: {cpu: null}, requests: null}
podSecurityContext: {seLinuxOptions: null}
`}.text(t)
	assert.NotContains(t, string(all), "null")
	assert.NotContains(t, string(all), "requests:")
}

// TestValuesOfAnOlderChart are what helm upgrade --reuse-values renders with: they lack
// what is new.
func TestValuesOfAnOlderChart(t *testing.T) {
	t.Parallel()
	chart := t.TempDir()
	require.NoError(t, os.CopyFS(chart, os.DirFS(folder)))
	require.NoError(t, os.WriteFile(filepath.Join(chart, "values.yaml"), nil, 0o600))
	kubernetes := `
resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 128Mi}}
podSecurityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
nodeSelector: {kubernetes.io/os: linux}
`
	assert.Empty(t, firstDifference(string(release{}.text(t)), string(release{chart: chart, values: kubernetes}.text(t))))
}

// TestEveryTemplateCompletesTheValues before it reads them.
func TestEveryTemplateCompletesTheValues(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	require.NoError(t, err)
	tests, err := filepath.Glob(filepath.Join(folder, "templates", "tests", "*"))
	require.NoError(t, err)
	for _, file := range append(files, tests...) {
		if info, err := os.Stat(file); err != nil || info.IsDir() || strings.HasPrefix(filepath.Base(file), "_") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(string(text), `{{- include "stocktake.complete" . -}}`), file)
	}
}

// all are a value and everything in it, but the root.
func (v *value) all() []*value {
	var all []*value
	for _, child := range v.children {
		all = append(append(all, child), child.all()...)
	}
	return all
}

// empty is a values file in which the key is left empty.
func (v *value) empty() string {
	return "{" + strings.Join(v.path, ": {") + ": null" + strings.Repeat("}", len(v.path))
}

// touches reports whether a values file gives the key, or something in it.
func (v *value) touches(values string) bool {
	return strings.Contains(values, v.path[0]+":") && (len(v.path) == 1 || v.path[1] == "enabled")
}

func firstDifference(want, got string) string {
	if want == got {
		return ""
	}
	return difference([]byte(want), []byte(got))
}
