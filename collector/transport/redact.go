package transport

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Redacted stands in a text where a secret stood.
const Redacted = "[redacted]"

// Shortest is the length in bytes of the shortest secret that is looked for.
const Shortest = 4

// Bounds of one call of Redact: how much of a text is looked at, in bytes, and what that may cost, in bytes and steps.
// A text that costs more is hidden as a whole.
const (
	maxText = 16 << 10
	maxCost = 1 << 20
)

// maxNested is how often a text is decoded that has no bytes in common with the secret, such as base64.
const maxNested = 2

// Redactor takes secrets out of the words of strangers, in whatever encoding they come back. The zero value knows none.
// It may be used concurrently.
type Redactor struct {
	secrets []string
	first   *[256][]string // those that begin with ASCII, by their first byte
	others  []string       // those that do not: these may begin with any byte, in UTF-16
}

// NewRedactor returns one that knows these secrets; those shorter than Shortest are left out.
func NewRedactor(secrets ...string) Redactor {
	r := Redactor{first: new([256][]string)}
	for _, secret := range secrets {
		for _, s := range []string{secret, strings.TrimSpace(secret)} {
			if len(s) >= Shortest && !slices.Contains(r.secrets, s) {
				r.add(s)
			}
		}
	}
	return r
}

func (r *Redactor) add(secret string) {
	r.secrets = append(r.secrets, secret)
	if first := secret[0]; first < utf8.RuneSelf {
		r.first[first] = append(r.first[first], secret)
	} else {
		r.others = append(r.others, secret)
	}
}

// Redact returns the text with Redacted in the place of each secret. No more than the first 16 KiB of the text are
// looked at and returned: cut after redacting, never before, or half a secret is left over.
func (r Redactor) Redact(text string) string {
	if len(r.secrets) == 0 {
		return text
	}
	text = text[:min(len(text), maxText)]
	s := search{Redactor: r, left: maxCost}
	s.look(newReading(text), 0)
	if s.left < 0 {
		return Redacted
	}
	return replace(text, s.found)
}

// span is a stretch of the text that was given, in bytes.
type span struct{ from, to int }

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

// search looks for secrets in a text and in what it decodes to.
type search struct {
	Redactor
	left  int // what it may still cost
	found []span
	tries []try // of match, kept for its memory
}

// look searches a reading, and what its stretches of base64 and the like decode to.
func (s *search) look(r *reading, nested int) {
	s.left -= r.len()
	for at := range r.bytes {
		if s.left < 0 {
			return
		}
		s.lookAt(r, at)
	}
	if nested == maxNested {
		return
	}
	for _, from := range []*reading{r, r.unescaped()} {
		if from == nil {
			continue
		}
		from.eachDecoded(func(inner *reading) bool {
			s.look(inner, nested+1)
			return s.left >= 0
		})
	}
}

// lookAt finds the secrets that begin at a place of the reading.
func (s *search) lookAt(r *reading, at int) {
	s.tryAll(r, at, s.others)
	if first := r.bytes[at]; !special(first) {
		s.tryAll(r, at, s.first[first])
		return
	}
	var tried [utf8.RuneSelf]bool
	for _, u := range r.units(at, maxEscapes) {
		if u.char > 0 && u.char < utf8.RuneSelf && !tried[u.char] {
			tried[u.char] = true
			s.tryAll(r, at, s.first[u.char])
		}
	}
}

func (s *search) tryAll(r *reading, at int, secrets []string) {
	for _, secret := range secrets {
		if end := s.match(r, at, secret); end > at {
			s.found = append(s.found, span{r.from[at], r.to[end-1]})
		}
	}
}
