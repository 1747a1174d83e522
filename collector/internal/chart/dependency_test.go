package chart

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
)

// umbrella is a chart that depends on this one, with these files over those of
// testdata/umbrella.
func umbrella(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "umbrella"))))
	require.NoError(t, os.CopyFS(filepath.Join(dir, "charts", "stocktake"), os.DirFS(folder)))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// TestDependencyIsSwitchedByACondition, whose key then is one of this chart's values.
func TestDependencyIsSwitchedByACondition(t *testing.T) {
	t.Parallel()
	chart := umbrella(t, nil)
	all := release{chart: chart, alone: true}.render(t)

	assert.Equal(t, "registry.example.com/stocktake:0.1.0", container(t, all).Image)
	assert.Empty(t, release{chart: chart, alone: true, values: "stocktake: {enabled: false}"}.render(t))
	assert.Contains(t, release{values: "enabled: false"}.refusal(t), "condition", "without one it would do nothing")
	for _, title := range []string{"enabled: true", "enabled:"} {
		assert.Equal(t, release{}.text(t), release{values: title}.text(t), title)
	}
}

// TestDependencyMayHaveAnAlias, which is a key of values rather than a name of objects,
// and so may have letters that a name may not.
func TestDependencyMayHaveAnAlias(t *testing.T) {
	t.Parallel()
	const values = ": {enabled: true, clusterId: prod-1, anchore: {url: 'https://anchore.example.com', existingSecret: login}}\n"
	for alias, name := range map[string]string{"images": "rel-images", "imageInventory": "rel-imageinventory", "image_inventory": "rel-image-inventory"} {
		t.Run(alias, func(t *testing.T) {
			t.Parallel()
			dependency := "{name: stocktake, version: 0.1.0, repository: '', alias: " + alias + ", condition: " + alias + ".enabled}"
			chart := umbrella(t, map[string]string{
				"Chart.yaml":  "{apiVersion: v2, name: platform, version: 0.1.0, dependencies: [" + dependency + "]}",
				"values.yaml": alias + values,
			})
			all := release{name: "rel", chart: chart, alone: true}.render(t)
			assert.Equal(t, name, cronJob(t, all).Name)
			assert.Equal(t, "stocktake:0.1.0", container(t, all).Image)
			for _, o := range all {
				if o.GetKind() != "ClusterRole" && o.GetKind() != "ClusterRoleBinding" {
					assert.Empty(t, validation.IsDNS1123Subdomain(o.GetName()), o.GetName())
				}
				for _, label := range o.GetLabels() {
					assert.Empty(t, validation.IsValidLabelValue(label), label)
				}
			}
		})
	}
}

// TestPullSecretsOfAllCharts come beside those of this one, each once.
func TestPullSecretWithoutANameIsRefused(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{"''", "{}", "{name: ''}", "{name: }", "{secretName: mirror}", "[mirror]", "12", "{name: 12}"} {
		values := "global: {imagePullSecrets: [mirror, " + entry + "]}"
		assert.Contains(t, release{values: values}.refusal(t), "/global/imagePullSecrets/1': value must be 'the name of a Secret, or an object with its name'", entry)
	}
	assert.Contains(t, release{values: "imagePullSecrets: [{name: ''}]"}.refusal(t), "/imagePullSecrets/0/name")
}

func TestPullSecretsOfAllCharts(t *testing.T) {
	t.Parallel()
	all := release{values: `
global: {imageRegistry: mirror.example.com, imagePullSecrets: [mirror, {name: other}, {name: both}, '12']}
imagePullSecrets: [{name: both}, {name: own}]
`}.render(t)
	var names []string
	for _, s := range pod(t, all).Spec.ImagePullSecrets {
		names = append(names, s.Name)
	}

	assert.Equal(t, []string{"mirror", "other", "both", "12", "own"}, names)
	assert.Equal(t, "mirror.example.com/stocktake:0.1.0", container(t, all).Image)
}
