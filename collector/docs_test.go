package collector

import (
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
	for name, text := range map[string]string{"settings": Catalog().Markdown(), "exit-codes": exitTable()} {
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
