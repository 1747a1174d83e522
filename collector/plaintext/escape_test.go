package plaintext

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           "",
		"plain/text:1 ä 中 😀":         "plain/text:1 ä 中 😀",
		"\x1b[31mred\x1b[0m\a":       `\x1b[31mred\x1b[0m\a`,
		"c1\u009b2J\u0085":           `c1\u009b2J\u0085`,
		"right\u202eleft\u2066":      `right\u202eleft\u2066`,
		"tag\U000e0041 \u200b\u00ad": `tag\U000e0041 \u200b\u00ad`,
		"a\tb\rc\x00\x7f":            `a\tb\rc\x00\x7f`,
		"no-break\u00a0space":        `no-break\u00a0space`,
		"line\u2028para\u2029":       `line\u2028para\u2029`,
		"not\xffutf-8\xc3":           `not\xffutf-8\xc3`,
		"a real \uFFFD":              "a real \uFFFD",
		`back\slash "quotes" 'x'`:    `back\slash "quotes" 'x'`,
	} {
		assert.Equal(t, want, Escape(text))
		assert.Equal(t, want, Line(text))
		assert.Equal(t, want, Cut(text, 1000))
	}
	assert.Equal(t, "two\nlines", Escape("two\nlines"))
	assert.Equal(t, `two\nlines`, Line("two\nlines"))
	assert.Equal(t, `two\nlines`, Cut("two\nlines", 13))
	assert.Equal(t, `two\nlines`, Cut("two\nlines", 10), "what fits is not cut")
	assert.Equal(t, `two\nl...`, Cut("two\nlines", 9))
	assert.Equal(t, `two...`, Cut("two\nlines", 7), "no half of an escape")
	assert.Equal(t, `...`, Cut("😀😀", 6), "no half of a character")
}

// FuzzCut: whatever the text, the result is printable text of at most that length.
func FuzzCut(f *testing.F) {
	f.Add("\x1b[31m\n\u202e\xff\uFFFD plain", 20)
	f.Fuzz(func(t *testing.T, text string, most int) {
		got := Cut(text, max(most, len("...")))
		assert.LessOrEqual(t, len(got), max(most, len("...")))
		assert.True(t, utf8.ValidString(got))
		assert.False(t, strings.ContainsFunc(got, func(r rune) bool { return !Printable(r) }), "%q", got)
		assert.Equal(t, strings.ReplaceAll(Escape(text), "\n", `\n`), Line(text))
	})
}
