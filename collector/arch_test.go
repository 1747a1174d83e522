package collector_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"stocktake/collector/internal/arch"
)

// root is the top of the repository. This test is not there itself because
// only what is below collector can import collector/internal.
const root = ".."

// table is the architecture: producers (kube, workload) never import consumers (payload,
// deliver, report, metrics) nor the other way round; both import the waist (image,
// inventory); the root (collector) composes them. What people look at (view, doctor) and the
// command line, which main opens, stand on top of the root, and nobody else imports it.
//
// .golangci.yml repeats it for depguard, which TestArchitectureInTheLinter checks.
func table() arch.Table {
	return arch.Table{
		".": {
			Ours: []string{"collector", "collector/command", "collector/logging", "collector/terminal"},
		},
		"collector/command": {
			Ours:       []string{"collector", "collector/doctor", "collector/plaintext", "collector/settings", "collector/terminal", "collector/view"},
			ThirdParty: []string{"github.com/urfave/cli/v2", "github.com/xrash/smetrics"},
		},
		"collector/view": {
			Ours: []string{
				"collector", "collector/compare", "collector/deliver", "collector/file", "collector/history", "collector/inventory", "collector/kube",
				"collector/logging", "collector/moment", "collector/objects", "collector/objecttype", "collector/payload", "collector/plaintext",
				"collector/report", "collector/saved", "collector/settings", "collector/terminal", "collector/workload",
			},
			ThirdParty: []string{"github.com/schollz/progressbar/v3", "go.yaml.in/yaml/v3"},
		},
		"collector/doctor": {
			Ours: []string{
				"collector", "collector/deliver", "collector/history", "collector/inventory", "collector/kube", "collector/logging",
				"collector/objects", "collector/payload", "collector/plaintext", "collector/report", "collector/settings",
				"collector/terminal", "collector/transport", "collector/workload",
			},
		},
		"collector": {
			Ours: []string{
				"collector/deliver", "collector/file", "collector/history", "collector/inventory", "collector/kube", "collector/kubeconfig", "collector/logging",
				"collector/metrics", "collector/objects", "collector/payload", "collector/plaintext", "collector/report", "collector/saved",
				"collector/settings", "collector/terminal", "collector/tree", "collector/workload",
			},
			ThirdParty: []string{"github.com/google/uuid", "github.com/rs/zerolog"},
		},
		"collector/logging": {
			Ours:       []string{"collector/deliver", "collector/kube", "collector/kubeconfig", "collector/settings", "collector/terminal"},
			ThirdParty: []string{"github.com/rs/zerolog"},
		},
		"collector/terminal": {
			ThirdParty: []string{"github.com/mattn/go-isatty", "golang.org/x/term"},
		},
		"collector/settings": {
			Ours:       []string{"collector/plaintext"},
			ThirdParty: []string{"github.com/caarlos0/env/v9", "github.com/xrash/smetrics", "go.yaml.in/yaml/v3"},
		},
		"collector/plaintext": {},
		"collector/moment":    {},
		"collector/image": {
			ThirdParty: []string{"github.com/distribution/reference", "github.com/opencontainers/go-digest", "github.com/package-url/packageurl-go"},
		},
		"collector/inventory": {
			Ours: []string{"collector/image"},
		},
		"collector/file": {
			ThirdParty: []string{"golang.org/x/sys/unix"},
		},
		"collector/transport": {
			Ours:       []string{"collector/plaintext", "collector/settings"},
			ThirdParty: []string{"golang.org/x/sys/unix", "net/http"},
		},
		"collector/wire": {
			ThirdParty: []string{"google.golang.org/protobuf/encoding/protowire"},
		},
		"collector/workload": {
			Ours:       []string{"collector/image", "collector/inventory", "collector/kube", "collector/settings", "collector/wire"},
			ThirdParty: []string{"k8s.io/apimachinery"},
		},
		// One collection: it composes what the root else would have to.
		"collector/objects": {
			Ours: []string{
				"collector/inventory", "collector/kube", "collector/object", "collector/objecttype", "collector/payload",
				"collector/plaintext", "collector/saved", "collector/settings", "collector/wire",
			},
		},
		// Bytes in, bytes out: what is taken out of an object is decided without knowing where it goes.
		"collector/object": {
			ThirdParty: []string{"github.com/go-json-experiment/json/jsontext"},
		},
		"collector/kubeconfig": {
			Ours: []string{"collector/plaintext", "collector/settings", "collector/transport"},
			// Of client-go only what connects: the typed clients would be most of the binary.
			ThirdParty: []string{
				"k8s.io/apimachinery", "k8s.io/client-go/rest", "k8s.io/client-go/tools/clientcmd", "k8s.io/client-go/transport", "k8s.io/client-go/util/homedir", "k8s.io/klog/v2",
				"net/http",
			},
		},
		"collector/kube": {
			Ours:       []string{"collector/inventory", "collector/kubeconfig", "collector/plaintext", "collector/settings", "collector/transport", "collector/wire"},
			ThirdParty: []string{"k8s.io/apimachinery", "net/http"},
		},
		"collector/objecttype": {
			Ours: []string{"collector/kube", "collector/settings"},
		},
		"collector/payload": {
			Ours:       []string{"collector/image", "collector/inventory", "collector/settings"},
			ThirdParty: []string{"github.com/klauspost/compress"},
		},
		"collector/saved": {
			Ours:       []string{"collector/image", "collector/inventory", "collector/payload", "collector/plaintext"},
			ThirdParty: []string{"github.com/klauspost/compress"},
		},
		"collector/deliver": {
			Ours:       []string{"collector/file", "collector/inventory", "collector/payload", "collector/plaintext", "collector/settings", "collector/transport"},
			ThirdParty: []string{"github.com/google/uuid", "go.yaml.in/yaml/v3", "net/http"},
		},
		"collector/tree": {
			Ours: []string{"collector/payload"},
		},
		"collector/metrics": {
			Ours: []string{"collector/file", "collector/image", "collector/inventory"},
			// Not client_golang: it has registries and counters, which a run that ends has no use for.
			ThirdParty: []string{"github.com/prometheus/client_model/go", "github.com/prometheus/common/expfmt", "github.com/prometheus/common/model"},
		},
		"collector/compare": {
			Ours: []string{"collector/image", "collector/inventory"},
		},
		// The drivers of databases are linked into this package alone.
		"collector/history": {
			Ours:       []string{"collector/file", "collector/image", "collector/inventory", "collector/settings"},
			ThirdParty: []string{"github.com/jackc/pgx/v5", "modernc.org/sqlite"},
		},
		"collector/report": {
			Ours:       []string{"collector/compare", "collector/image", "collector/inventory", "collector/plaintext"},
			ThirdParty: []string{"github.com/CycloneDX/cyclonedx-go", "github.com/google/uuid"},
		},
	}
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	notes, err := arch.Check(os.DirFS(root), "stocktake", table())

	require.NoError(t, err)
	assert.Empty(t, strings.Join(notes, "\n"))
}

// TestArchitectureOfFiles keeps the files of each package in an order in which one needs
// only those before it, and the root small.
func TestArchitectureOfFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	assert.LessOrEqual(t, len(files), 15, "the root is one run: what is more belongs in a package below it")
	for dir := range table() {
		notes, err := arch.Circles(os.DirFS(root), dir)
		require.NoError(t, err)
		assert.Empty(t, strings.Join(notes, "\n"), dir)
	}
}

// TestArchitectureOfTheTopLevel keeps the entrance small: a reader sees all there
// is, and a new folder is a decision.
func TestArchitectureOfTheTopLevel(t *testing.T) {
	t.Parallel()
	house := []string{
		"CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile", "README.md", "SECURITY.md",
		"bin", "charts", "collector", "go.mod", "go.sum", "main.go", "main_test.go",
	}
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	for _, entry := range entries {
		hidden := strings.HasPrefix(entry.Name(), ".")
		assert.True(t, hidden || slices.Contains(house, entry.Name()), "%s is not an entry of the house", entry.Name())
	}
}

// TestArchitectureInTheLinter compares the table with its copy in .golangci.yml, from
// which editors complain while one is typing.
func TestArchitectureInTheLinter(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, ".golangci.yml"))
	require.NoError(t, err)
	type rule struct {
		Mode  string   `yaml:"list-mode"`
		Files []string `yaml:"files"`
		Allow []string `yaml:"allow"`
	}
	var config struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]rule `yaml:"rules"`
				} `yaml:"depguard"`
			} `yaml:"settings"`
		} `yaml:"linters"`
	}
	require.NoError(t, yaml.Unmarshal(text, &config))

	want := map[string]rule{}
	for dir, allowed := range table() {
		name := strings.ReplaceAll(strings.TrimPrefix(dir, "collector/"), ".", "main")
		files := "**/" + dir + "/*.go"
		if dir == "." {
			files = "${base-path}/*.go"
		}
		want[name] = rule{Mode: "strict", Files: []string{files, "!$test"}, Allow: linterNames(allowed)}
	}
	assert.Equal(t, want, config.Linters.Settings.Depguard.Rules)
}

// linterNames is what depguard calls the imports that are allowed. Guarded
// packages are part of its $gostd.
func linterNames(allowed arch.Allowed) []string {
	names := []string{"$gostd"}
	for _, ours := range allowed.Ours {
		names = append(names, "stocktake/"+ours)
	}
	for _, theirs := range allowed.ThirdParty {
		if !slices.Contains(arch.Guarded(), theirs) {
			names = append(names, theirs)
		}
	}

	return names
}
