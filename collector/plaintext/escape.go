package plaintext

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape writes every character that is not printable in Go's escaped form: control and
// direction characters, spaces other than U+0020, and bytes that are no UTF-8. Line ends
// stay as they are.
func Escape(text string) string {
	var b strings.Builder
	for i, r := range text {
		if r == '\n' {
			b.WriteByte('\n')
			continue
		}
		b.WriteString(escaped(text[i:], r))
	}
	return b.String()
}

// Line is Escape for a text that must stay in one line: line ends are escaped too.
func Line(text string) string {
	var b strings.Builder
	for i, r := range text {
		b.WriteString(escaped(text[i:], r))
	}
	return b.String()
}

// Cut is Line for a text of unknown length, of which it keeps the beginning: at most
// that many bytes, the three dots at the end of a cut text included.
func Cut(text string, most int) string {
	const more = "..."
	var b strings.Builder
	kept := 0 // bytes that leave room for the dots
	for i, r := range text {
		b.WriteString(escaped(text[i:], r))
		switch {
		case b.Len() > most:
			return b.String()[:kept] + more
		case b.Len() <= most-len(more):
			kept = b.Len()
		}
	}
	return b.String()
}

// Flat puts a text in one line: a space for each line end and tab in it, and none around
// it.
func Flat(text string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(strings.TrimSpace(text))
}

// escaped writes the first character of a text.
func escaped(text string, r rune) string {
	switch {
	case r == utf8.RuneError && !strings.HasPrefix(text, "\uFFFD"):
		return `\x` + strconv.FormatUint(uint64(text[0])|0x100, 16)[1:]
	case Printable(r):
		return string(r)
	}
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1]
}

// Printable reports whether a terminal shows a character and does nothing else.
func Printable(r rune) bool { return unicode.IsPrint(r) }
