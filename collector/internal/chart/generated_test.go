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
	"go.yaml.in/yaml/v3"

	"stocktake/collector"
	"stocktake/collector/kube"
	"stocktake/collector/objecttype"
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
	defaults, err := json.MarshalIndent(readValues(t).defaults(t), "", "  ")
	require.NoError(t, err)
	text := fmt.Sprintf(generatedTemplate, codes, meaning(t), defaults, builtIns(t))
	golden(t, filepath.Join(folder, "templates", "_generated.tpl"), []byte(text))
}

const generatedTemplate = `{{- /* Made from the program by make chart-docs: do not edit. */ -}}

{{- /* Exit codes after which a retry cannot help. */ -}}
{{- define "stocktake.finalExitCodes" -}}
%s
{{- end }}

{{- /* What an exit code means, as a template of Prometheus that knows it as $value. */ -}}
{{- define "stocktake.meaning" -}}
{{ %q }}
{{- end }}

{{- /* What a key is that was left empty, as JSON. */ -}}
{{- define "stocktake.defaults" -}}
%s
{{- end }}

{{- /* The types of Kubernetes whose objects can be listed, as JSON. */ -}}
{{- define "stocktake.builtIns" -}}
%s
{{- end }}
`

// builtIns are the types that the program takes for those of Kubernetes, one a line.
func builtIns(t *testing.T) string {
	t.Helper()
	selection, err := objecttype.Options{Types: []string{"default"}}.Selection()
	require.NoError(t, err)
	known, without := selection.Assume()
	require.True(t, without)
	chosen := selection.Choose(known, false).Resources()
	var lines []string
	for _, v := range known.Versions {
		for _, of := range v.Types {
			byDefault := slices.ContainsFunc(chosen, func(r kube.Resource) bool { return r.Group == of.Group && r.Plural == of.Plural })
			lines = append(lines, fmt.Sprintf(`  {"group": %q, "plural": %q, "namespaced": %t, "default": %t}`, of.Group, of.Plural, of.Namespaced, byDefault))
		}
	}
	return "[\n" + strings.Join(lines, ",\n") + "\n]"
}

// defaults are those of every key that the chart itself needs. Maps that Kubernetes
// or the user fills are empty without the user.
func (v *value) defaults(t *testing.T) any {
	t.Helper()
	if v.node.Kind == yaml.MappingNode {
		all := object{}
		for _, child := range v.children {
			all[child.path[len(child.path)-1]] = child.defaults(t)
		}
		return all
	}
	var preset any
	require.NoError(t, v.node.Decode(&preset))
	return preset
}

// meaning is a chain of conditions, one for each exit code of a failure.
func meaning(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	word := "if"
	for _, c := range runCodes(t) {
		if c.code == int(collector.OK) {
			continue
		}
		fmt.Fprintf(&b, "{{ %s eq $value %d.0 }}%s", word, c.code, c.meaning)
		word = "else if"
	}
	return b.String() + "{{ end }}"
}

// exitCode is a row of the table in the README, which is generated from the program.
type exitCode struct {
	code           int
	meaning, retry string
}

func exitCodes(t *testing.T) []exitCode {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	_, page, found := bytes.Cut(page, []byte("<!-- generated: exit-codes -->"))
	require.True(t, found)
	page, _, _ = bytes.Cut(page, []byte("<!-- end -->"))
	var all []exitCode
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| (.*) \| (.*) \|$`).FindAllStringSubmatch(string(page), -1) {
		code, err := strconv.Atoi(row[1])
		require.NoError(t, err)
		all = append(all, exitCode{code, row[2], strings.TrimSpace(row[3])})
	}
	require.NotEmpty(t, all)
	return all
}

// runCodes are those with which a run may end. Inventories are compared by people.
func runCodes(t *testing.T) []exitCode {
	t.Helper()
	return slices.DeleteFunc(exitCodes(t), func(c exitCode) bool { return c.code == int(collector.Different) })
}

// finalExitCodes are those for which a retry does not help.
func finalExitCodes(t *testing.T) []int {
	t.Helper()
	var codes []int
	for _, c := range exitCodes(t) {
		if c.retry == "no" {
			codes = append(codes, c.code)
		}
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
