package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
)

// golden compares with a file, which UPDATE_GOLDEN=1 writes anew.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, got, 0o600))
		require.NoError(t, os.Chmod(path, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with make chart-docs")
	assert.True(t, bytes.Equal(want, got), "%s is stale: run make chart-docs. The first difference:\n%s", path, difference(want, got))
}

// difference shows the first line that is not the same: these files are long.
func difference(want, got []byte) string {
	a, b := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n- %s\n+ %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, and now %d", len(a), len(b))
}

func TestSchemaUpToDate(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(schema(t)))
	golden(t, filepath.Join(folder, "values.schema.json"), text.Bytes())
}

// TestTableUpToDate holds the table of values in the chart's README.
func TestTableUpToDate(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- generated: values -->\n", "<!-- end -->\n"
	path := filepath.Join(folder, "README.md")
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	require.True(t, found && closed, "%s has no place for the table", path)
	golden(t, path, []byte(before+begin+table(t)+end+after))
}

// table lists all values by section.
func table(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	section := ""
	for _, v := range readValues(t).leaves() {
		if v.section != section {
			section = v.section
			fmt.Fprintf(&b, "\n### %s\n\n| value | default | what it does |\n|---|---|---|\n", section)
		}
		var preset any
		require.NoError(t, v.node.Decode(&preset))
		text, err := json.Marshal(preset)
		require.NoError(t, err)
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", v.name(), text, strings.ReplaceAll(v.doc, "|", `\|`))
	}
	return b.String() + "\n"
}

// TestTemplateUpToDate holds what the templates know of the program.
func TestTemplateUpToDate(t *testing.T) {
	t.Parallel()
	codes, err := json.Marshal(finalExitCodes(t))
	require.NoError(t, err)
	text := fmt.Sprintf(generatedTemplate, codes)
	golden(t, filepath.Join(folder, "templates", "_generated.tpl"), []byte(text))
}

const generatedTemplate = `{{- /* Made from the program by make chart-docs: do not edit. */ -}}

{{- /* Exit codes after which a retry cannot help. */ -}}
{{- define "stocktake.finalExitCodes" -}}
%s
{{- end }}
`

// finalExitCodes reads the table of exit codes in the README, which is generated
// from the program: those for which a retry does not help.
func finalExitCodes(t *testing.T) []int {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	var codes []int
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \|.*\| no \|$`).FindAllStringSubmatch(string(page), -1) {
		code, err := strconv.Atoi(row[1])
		require.NoError(t, err)
		codes = append(codes, code)
	}
	require.True(t, slices.IsSorted(codes), "Kubernetes wants exit codes in order")
	return codes
}

// TestFinalExitCodesAreThoseOfTheProgram guards against a README that changed its
// form: an empty list would render too.
func TestFinalExitCodesAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	assert.Subset(t, finalExitCodes(t), []int{
		int(collector.BadSettings), int(collector.KubernetesRefused), int(collector.ReceiverRefused), int(collector.Empty),
	})
}
