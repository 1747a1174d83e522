package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func someHeld() []Stored {
	digest := "sha256:" + strings.Repeat("a", 64)

	return []Stored{
		{Status: Present, Account: "admin", Namespace: "shop", Image: "registry.example.com/shop/storefront/api:2.1", Digest: digest, Context: "production-eu-central-1/shop", Type: "kubernetes", Seen: "2026-03-04T05:06:07Z"},
		{Status: Extra, Account: "admin", Namespace: "shop", Image: "nginx:1.26", Context: "production-eu-central-1/shop", Type: "kubernetes", Seen: "2026-03-04T05:06:07Z"},
		{Status: Missing, Namespace: "tools", Image: "evil\x1b[2J:1", Digest: digest, Context: "production-eu-central-1/tools"},
		{Status: Present, Account: "admin", Namespace: "base", Image: "busybox:1", Context: "production-eu-central-1/base", Type: "kubernetes"},
	}
}

func TestStoredShowsWhatIsMissingFirst(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, OfStored(someHeld()).Wide(&out, Screen{}))
	lines := strings.Split(out.String(), "\n")
	assert.Regexp(t, `^STATUS +IMAGE TAG +IMAGE DIGEST +CONTEXT +LAST SEEN AT +INVENTORY TYPE +ACCOUNT$`, lines[0])
	for i, begins := range []string{`missing  evil\x1b[2J:1 `, "extra    nginx:1.26 ", "stored   busybox:1 ", "stored   registry.example.com/shop/storefront/api:2.1 "} {
		assert.True(t, strings.HasPrefix(lines[i+1], begins), lines[i+1])
	}
	assert.Regexp(t, `sha256:a{64} +production-eu-central-1/shop +2026-03-04T05:06:07Z +kubernetes +admin\n$`, out.String())
}

func TestStoredFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{50, 80, 120, 200} {
		var out bytes.Buffer
		require.NoError(t, OfStored(someHeld()).Table(&out, Screen{Width: width}))
		for line := range strings.Lines(out.String()) {
			assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), width, line)
		}
		assert.Contains(t, out.String(), "\n1 missing, 1 extra, 2 stored\n")
	}
	var colours bytes.Buffer
	require.NoError(t, OfStored(someHeld()).Table(&colours, Screen{Width: 120, Colour: true}))
	assert.Contains(t, colours.String(), "\x1b[31mmissing\x1b[0m")
}

func TestStoredWithoutAComparisonHasNoStatus(t *testing.T) {
	t.Parallel()
	all := someHeld()
	for i := range all {
		all[i].Status = ""
	}
	var table, text bytes.Buffer
	require.NoError(t, OfStored(all).Table(&table, Screen{Width: 120}))
	assert.NotContains(t, table.String(), "STATUS")
	assert.Contains(t, table.String(), "\n4 images\n")
	require.NoError(t, OfStored(all).JSON(&text))
	var items []map[string]any
	require.NoError(t, json.Unmarshal(text.Bytes(), &items))
	require.Len(t, items, 4)
	assert.NotContains(t, items[0], "status")
	assert.Contains(t, items[0], "image_digest", "empty when it is not known, as Anchore has it")
}
