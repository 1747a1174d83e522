package collector

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const readme = "../README.md"

// TestReadmeTablesAreUpToDate compares the generated parts of the README with
// the code that they describe. UPDATE_GOLDEN=1 writes them.
func TestReadmeTablesAreUpToDate(t *testing.T) {
	b, err := os.ReadFile(readme)
	require.NoError(t, err)
	is, want := string(b), string(b)
	for name, text := range map[string]string{"settings": settingsTable(), "exit-codes": exitTable()} {
		want = withSection(t, want, name, text)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(readme, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, is, "README.md is not up to date: run `make generate`")
}

// withSection puts text between the marks of a generated section.
func withSection(t *testing.T, page, name, text string) string {
	t.Helper()
	const end = "<!-- end -->"
	mark := "<!-- generated: " + name + " -->\n"
	before, rest, found := strings.Cut(page, mark)
	require.True(t, found, "%s has no mark %s", readme, mark)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found, "%s: section %s has no end", readme, name)
	return before + mark + text + end + after
}

// settingsTable is the reference of all settings.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("| setting | variable | default | what it does |\n|---|---|---|---|\n")
	for _, s := range Catalog() {
		preset := ""
		if s.Default != "" {
			preset = "`" + s.Default + "`"
		}
		doc := strings.ReplaceAll(s.Doc, "|", `\|`)
		if s.Flag != "" {
			doc += " (`" + s.Flag + "`)"
		}
		variable := ""
		if names := s.Variables(); len(names) > 0 {
			variable = "`" + names[0] + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, variable, preset, doc)
	}
	return b.String()
}

// exitTable is the table of exit codes.
func exitTable() string {
	var b strings.Builder
	b.WriteString("| code | meaning | a retry helps |\n|---|---|---|\n")
	for _, c := range exitCodes {
		fmt.Fprintf(&b, "| %d | %s | %s |\n", c.Code, c.Meaning, c.Retry)
	}
	b.WriteString("\n" + UncaughtText + "\n")
	return b.String()
}
