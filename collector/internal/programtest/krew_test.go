package programtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"stocktake/collector/internal/kubetest"
)

// krewPlugin is a plugin manifest: all fields that krew knows, so that a
// misspelt one is an error.
type krewPlugin struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		Version, Homepage, Description, Caveats string
		ShortDescription                        string `yaml:"shortDescription"`
		Platforms                               []struct {
			Selector struct {
				MatchLabels map[string]string `yaml:"matchLabels"`
			}
			URI, SHA256, Bin string
		}
	}
}

const krewManifest = root + "/.krew/stocktake.yaml"

// released is the manifest as a release fills it in.
func released(t *testing.T) krewPlugin {
	t.Helper()
	text, err := os.ReadFile(krewManifest)
	require.NoError(t, err)
	filled := os.Expand(string(text), func(name string) string {
		switch {
		case name == "VERSION":
			return "v1.2.3"
		case name == "RELEASES" || name == "HOMEPAGE":
			return "https://releases.example/stocktake"
		case strings.HasPrefix(name, "SHA256_"):
			return kubetest.Hex(name)
		}
		t.Errorf("nothing fills in %s", name)
		return ""
	})
	decoder := yaml.NewDecoder(strings.NewReader(filled))
	decoder.KnownFields(true)
	var plugin krewPlugin
	require.NoError(t, decoder.Decode(&plugin))
	return plugin
}

// TestKrewAcceptsThePlugin applies the rules of krew's own validation and of its
// index.
func TestKrewAcceptsThePlugin(t *testing.T) {
	t.Parallel()
	plugin := released(t)

	assert.Equal(t, "krew.googlecontainertools.github.com/v1alpha2", plugin.APIVersion)
	assert.Equal(t, "Plugin", plugin.Kind)
	assert.Equal(t, strings.TrimSuffix(filepath.Base(krewManifest), ".yaml"), plugin.Metadata.Name)
	assert.Regexp(t, `^v\d+\.\d+\.\d+$`, plugin.Spec.Version)
	assert.Regexp(t, `^https://`, plugin.Spec.Homepage)
	assert.Regexp(t, `^[A-Z][^\n.]{1,49}$`, plugin.Spec.ShortDescription, "a few words without a full stop")
	for line := range strings.Lines(plugin.Spec.Description) {
		assert.LessOrEqual(t, len(line), 81)
	}
	seen := map[string]bool{}
	for _, p := range plugin.Spec.Platforms {
		system, arch := p.Selector.MatchLabels["os"], p.Selector.MatchLabels["arch"]
		assert.Len(t, p.Selector.MatchLabels, 2)
		assert.Equal(t, "https://releases.example/stocktake/v1.2.3/stocktake_"+system+"_"+arch+".tar.gz", p.URI)
		assert.Regexp(t, `^[a-f0-9]{64}$`, p.SHA256)
		assert.False(t, seen[p.SHA256], "%s has the sum of another archive", p.URI)
		seen[p.SHA256], seen[system+"/"+arch] = true, true
		assert.Equal(t, map[bool]string{true: "stocktake.exe", false: "stocktake"}[system == "windows"], p.Bin)
	}
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"} {
		assert.True(t, seen[platform], "no archive for %s", platform)
	}
}

// TestKrewDescribesCommandsThatExist runs those of the description over a saved
// inventory.
func TestKrewDescribesCommandsThatExist(t *testing.T) {
	t.Parallel()
	saved := save(t, smallCluster(t).Kubeconfig(t), "stocktake")
	commands := regexp.MustCompile(`(?m)^  kubectl stocktake (.*)$`).FindAllStringSubmatch(released(t).Spec.Description, -1)
	require.Len(t, commands, 3)
	for _, command := range commands {
		args := strings.Fields(strings.ReplaceAll(command[1], "-n shop", "-n team-a"))
		got := run(t, call{args: append(args, "-f", saved)})
		assert.Equal(t, 0, got.code, "%s: %s", command[1], got.stderr)
		assert.Contains(t, got.stdout, "busybox")
	}
}
