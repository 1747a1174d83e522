package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/programs"
)

// TestListsTheModulesOfTheProgram builds the product, and compares with what the go
// command says of the packages that it imports.
func TestListsTheModulesOfTheProgram(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "stocktake")
	require.NoError(t, programs.Link(program, "stocktake", nil, "-buildvcs=false"))
	var text, again bytes.Buffer
	require.NoError(t, run([]string{program, "1.2.3"}, &text))
	require.NoError(t, run([]string{program, "1.2.3"}, &again))

	var doc document
	require.NoError(t, json.Unmarshal(text.Bytes(), &doc))
	listed := map[string]string{}
	for _, c := range doc.Components {
		require.NotContains(t, listed, c.Name)
		listed[c.Name] = c.Version
		assert.True(t, c.Name == "stdlib" || len(c.Hashes) == 1, "%s has no checksum", c.Name)
	}
	imported := map[string]string{"stdlib": strings.TrimPrefix(runtime.Version(), "go")}
	for line := range strings.Lines(command(t, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "stocktake")) {
		if path, version, found := strings.Cut(strings.TrimSpace(line), " "); found {
			imported[path] = version
		}
	}
	assert.Equal(t, imported, listed)
	assert.Equal(t, "1.2.3", doc.Metadata.Component.Version)
	assert.Len(t, doc.Dependencies[0].DependsOn, len(doc.Components))
	assert.Equal(t, text.String(), again.String())
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return string(output)
}

func TestDescribesModulesAsScannersKnowThem(t *testing.T) {
	t.Parallel()
	doc := describe(&debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "stocktake"},
		Deps: []*debug.Module{
			{Path: "example.com/b", Version: "v2.0.0+incompatible", Sum: "h1://////////////////////////////////////////8="},
			{Path: "example.com/a", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.0.1"}},
		},
		Settings: []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}, {Key: "vcs.time", Value: "now"}},
	}, "0.1.0")

	assert.Equal(t, []component{
		{
			Type: "library", Ref: "pkg:golang/example.com/b@v2.0.0%2Bincompatible", Name: "example.com/b", Version: "v2.0.0+incompatible",
			PURL:   "pkg:golang/example.com/b@v2.0.0%2Bincompatible",
			Hashes: []hash{{"SHA-256", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}},
		},
		{Type: "library", Ref: "pkg:golang/example.com/fork@v1.0.1", Name: "example.com/fork", Version: "v1.0.1", PURL: "pkg:golang/example.com/fork@v1.0.1"},
		{Type: "library", Ref: "pkg:golang/stdlib@1.26.8", Name: "stdlib", Version: "1.26.8", PURL: "pkg:golang/stdlib@1.26.8"},
	}, doc.Components)
	assert.Equal(t, []property{{"go:version", "go1.26.8"}, {"go:GOARCH", "arm64"}}, doc.Metadata.Component.Properties)
}

func TestRefusesWhatIsNoGoProgram(t *testing.T) {
	t.Parallel()
	require.Error(t, run([]string{"main.go", "1"}, &bytes.Buffer{}))
	require.ErrorContains(t, run(nil, &bytes.Buffer{}), "usage")
}
