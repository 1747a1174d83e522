package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/compare"
)

func someChanges() []compare.Change {
	digest := func(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }

	return []compare.Change{
		{Kind: compare.ReTagged, Name: "registry.example.com/shop/storefront/api", Tag: "2.1", Old: []string{digest("a")}, New: []string{digest("b"), digest("c")}, Namespaces: []string{"shop", "shop-eu", "shop-test", "shop-us"}},
		{Kind: compare.ReTagged, Name: "docker.io/library/dev", Tag: "latest", Old: []string{"config " + digest("e")}, New: []string{"config " + digest("f")}, Namespaces: []string{"kind"}},
		{Kind: compare.Added, Name: "quay.io/a/\x1b[2J", Old: []string{}, New: []string{digest("d")}, Namespaces: []string{"tools"}},
		{Kind: compare.DigestUnknown, Name: "docker.io/library/redis", Tag: "7", Old: []string{digest("a")}, New: []string{}, Namespaces: []string{"shop"}},
	}
}

func TestChangesFitTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{50, 80, 100, 200} {
		for _, by := range []bool{false, true} {
			var out bytes.Buffer
			require.NoError(t, OfChanges(someChanges(), by).Table(&out, Screen{Width: width}))
			for line := range strings.Lines(out.String()) {
				assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), width, line)
			}
			assert.Contains(t, out.String(), "NAMESPACE", "where it happened is never left out")
			assert.Contains(t, out.String(), "\n2 re-tagged, 1 added, 1 digest-unknown\n")
			assert.NotContains(t, out.String(), "\x1b")
		}
	}
}

func TestChangesAreWholeInAFile(t *testing.T) {
	t.Parallel()
	var table, wide bytes.Buffer
	require.NoError(t, OfChanges(someChanges(), false).Table(&table, Screen{}))
	require.NoError(t, OfChanges(someChanges(), false).Wide(&wide, Screen{}))
	assert.Contains(t, table.String(), "shop,shop-eu,shop-test,shop-us\n")
	assert.Contains(t, table.String(), "bbbbbbbbbbbb,cccccccccccc ")
	assert.Contains(t, table.String(), "config eeeeeeeeeeee ", "a config id is never taken for a digest")
	assert.Contains(t, wide.String(), "config sha256:"+strings.Repeat("e", 64)+" ")
	assert.NotContains(t, table.String(), "re-tagged, ", "the total is for terminals")
}

func TestChangesThatNobodySeesAreRed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, OfChanges(someChanges(), false).Table(&out, Screen{Width: 120, Colour: true}))
	assert.Contains(t, out.String(), "\x1b[31mre-tagged\x1b[0m")
	assert.Contains(t, out.String(), "\x1b[33mdigest-unknown\x1b[0m")
	assert.NotContains(t, out.String(), "\x1b[2J")
}

func TestDocumentIsASCII(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, Document(&out, map[string]string{"a": "\u009b2J é 😀"}))
	want := []string{"{", `  "a": "\u009b2J \u00e9 \ud83d\ude00"`, "}", ""}
	assert.Equal(t, want, strings.Split(out.String(), "\n"))
	require.Error(t, Document(&out, func() {}))
}
