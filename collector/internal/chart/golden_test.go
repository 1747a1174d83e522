package chart

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// examples are values files that installations of the repository use, and that
// everything here must hold for.
func examples(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "ci", "*-values.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[strings.TrimSuffix(filepath.Base(file), "-values.yaml")] = string(text)
	}
	return all
}

func TestGoldenRendering(t *testing.T) {
	t.Parallel()
	for name, values := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, filepath.Join("testdata", name+".yaml"), release{values: values, alone: true}.text(t))
		})
	}
}

// TestLint also is helm's own check of the schema, the names and the API versions.
func TestLint(t *testing.T) {
	t.Parallel()
	for name, values := range examples(t) {
		for _, kube := range []string{oldest, newest} {
			t.Run(name+" "+kube, func(t *testing.T) {
				t.Parallel()
				args := append([]string{"lint", "--strict", "--kube-version", kube, folder}, release{values: values, alone: true}.files(t)...)
				output, stderr, err := helm(t, args...)
				assert.NoError(t, err, "%s%s", output, stderr)
			})
		}
	}
}

// TestObjectsAreValid decodes every object as the type that the API has for it.
func TestObjectsAreValid(t *testing.T) {
	t.Parallel()
	for name, values := range examples(t) {
		for _, kube := range []string{oldest, newest} {
			t.Run(name+" "+kube, func(t *testing.T) {
				t.Parallel()
				all := release{values: values, alone: true, kube: kube}.render(t)
				for _, o := range all {
					if o.GetKind() != "PrometheusRule" { // a custom resource
						typed(t, o)
					}
				}
			})
		}
	}
}

func TestOlderKubernetesIsRefused(t *testing.T) {
	t.Parallel()
	assert.Contains(t, release{kube: "1.24.9"}.refusal(t), "incompatible")
}
