package deliver

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"stocktake/collector/transport"
)

// Bounds of what a receiver may say in an error, in bytes: in its own words, and about where to go instead.
const (
	maxWords = 4 << 10
	maxPlace = 512
)

// said is what the body of an answer says in words, or else the body as it is.
func said(body []byte) string { return cmp.Or(transport.Said(body), strings.TrimSpace(string(body))) }

// redactor makes the words of strangers fit for a log: without secrets, without anything that a terminal or a log
// parser might obey, and short.
type redactor struct{ secrets transport.Redactor }

func newRedactor(secrets ...string) redactor { return redactor{transport.NewRedactor(secrets...)} }

// clean redacts before it cuts, so that no half of a secret is left over.
func (r redactor) clean(text string) string { return r.cleanTo(maxWords, text) }

func (r redactor) cleanTo(limit int, text string) string {
	return printable(r.secrets.Redact(text), limit)
}

// printable escapes what is not printable as Go would, and cuts after limit bytes. Spaces other than U+0020 count as
// not printable: a new line would begin a new log line.
func printable(text string, limit int) string {
	const more = "..."
	var b strings.Builder
	for i, r := range text {
		escaped := escape(text[i:], r)
		if b.Len()+len(escaped) > limit-len(more) {
			return b.String() + more
		}
		b.WriteString(escaped)
	}
	return b.String()
}

func escape(rest string, r rune) string {
	if r == utf8.RuneError && !strings.HasPrefix(rest, "\uFFFD") {
		return `\x` + strconv.FormatUint(uint64(rest[0])|0x100, 16)[1:]
	}
	if unicode.IsPrint(r) {
		return string(r)
	}
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1]
}
