package history

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTextIsCleaned(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"nginx": "nginx", "": "", "a\x00b": `a\x00b`, "\xff\xfeé": `\xff\xfeé`, "�": "�", "\x1b": "\x1b", `\x00`: `\x00`,
	} {
		assert.Equal(t, want, clean(text))
	}
	a, b := clean(strings.Repeat("é", 500)), clean(strings.Repeat("é", 501))
	assert.NotEqual(t, a, b)
	assert.True(t, strings.HasPrefix(a, strings.Repeat("é", 290)))
}

func FuzzTextIsCleaned(f *testing.F) {
	f.Add("a\x00b\xff")
	f.Add(strings.Repeat("é\x00", 400))
	f.Fuzz(func(t *testing.T, text string) {
		kept := clean(text)
		require.True(t, utf8.ValidString(kept))
		require.NotContains(t, kept, "\x00")
		require.LessOrEqual(t, len(kept), maxText)
		require.Equal(t, kept, clean(kept))
	})
}
