package transport

import (
	"cmp"
	"slices"
	"strings"

	"stocktake/collector/plaintext"
)

// Redacted stands in a text where a secret stood.
const Redacted = "[redacted]"

// maxText is how much of a text is looked at, in bytes.
const maxText = 16 << 10

// Redactor takes secrets out of the words of strangers, in whatever encoding they come back. The zero value knows none.
// It may be used concurrently.
type Redactor struct {
	secrets []string
	index   *index
}

// NewRedactor returns one that knows these secrets; those shorter than Shortest are left out.
func NewRedactor(secrets ...string) Redactor {
	r := Redactor{index: &index{}}
	for _, secret := range secrets {
		for _, s := range []string{secret, strings.TrimSpace(secret)} {
			if len(s) >= Shortest && !slices.Contains(r.secrets, s) {
				r.secrets = append(r.secrets, s)
				r.index.add(s)
			}
		}
	}
	return r
}

// Redact returns the text with Redacted in the place of each secret. No more than the first 16 KiB of the text are
// looked at and returned: cut after redacting, never before, or half a secret is left over.
func (r Redactor) Redact(text string) string {
	if len(r.secrets) == 0 {
		return text
	}
	text = text[:min(len(text), maxText)]
	found, ok := r.index.find(text)
	if !ok {
		return Redacted
	}
	return replace(text, found)
}

// Bounds of what somebody may say in an error, in bytes: in words, and about where to go instead.
const (
	MaxWords = 4 << 10
	maxPlace = 512
)

// Quote makes the words of strangers fit for a log: without secrets, without anything that a terminal or a log parser
// might obey, and short. It redacts before it cuts, so that no half of a secret is left over.
func (r Redactor) Quote(text string, limit int) string { return plaintext.Cut(r.Redact(text), limit) }

// replace puts one Redacted in the place of spans that overlap.
func replace(text string, all []span) string {
	slices.SortFunc(all, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var b strings.Builder
	done := 0 // end of what is written or replaced
	for _, s := range all {
		if s.from >= done {
			b.WriteString(text[done:s.from])
			b.WriteString(Redacted)
		}
		done = max(done, s.to)
	}
	b.WriteString(text[done:])
	return b.String()
}
