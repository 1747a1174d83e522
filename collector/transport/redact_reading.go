package transport

import (
	"slices"
	"unicode/utf8"
)

// maxEscapes is how many escapes deep a character may lie: %25252F is three.
const maxEscapes = 3

// reading is one way to read a text: bytes, and where in the text each of them stands. The text itself is the first.
type reading struct {
	bytes    []byte
	from, to []int
	memory   [maxEscapes + 1]map[int][]unit // of units
}

func newReading(text string) *reading {
	r := &reading{}
	for i := range len(text) {
		r.add(text[i], i, i+1)
	}
	return r
}

func (r *reading) add(b byte, from, to int) {
	r.bytes, r.from, r.to = append(r.bytes, b), append(r.from, from), append(r.to, to)
}

func (r *reading) len() int { return len(r.bytes) }

// unit is what stands at a place: a byte, or a character (wide). next is the place after it.
type unit struct {
	char rune
	wide bool
	next int
}

// special says whether a byte may stand for more than itself: it begins an escape, is part of a character, or has two
// meanings.
func special(b byte) bool {
	switch b {
	case '%', '\\', '&', '=', '+', '?', '\'', '"', '`', 0:
		return true
	}
	return b >= utf8.RuneSelf
}

// units are all that may stand at a place when up to so many escapes are taken off, those with the fewest first.
func (r *reading) units(at, depth int) []unit {
	if depth == 0 {
		return r.plain(at)
	}
	if known, ok := r.memory[depth][at]; ok {
		return known
	}
	below := r.units(at, depth-1)
	all := slices.Clip(below)
	for _, u := range below {
		for _, more := range r.escapes(u, depth-1) {
			if !slices.Contains(all, more) && len(all) < maxUnits {
				all = append(all, more)
			}
		}
	}
	if r.memory[depth] == nil {
		r.memory[depth] = map[int][]unit{}
	}
	r.memory[depth][at] = all
	return all
}

// maxUnits is how many meanings of one place are followed.
const maxUnits = 12

// plain are the units without an escape: the byte, or the character of which it is the first.
func (r *reading) plain(at int) []unit {
	b := r.bytes[at]
	own := unit{rune(b), false, at + 1}
	switch {
	case b == '\'' || b == '"' || b == '`':
		return append(r.doubled(at), own)
	case b < utf8.RuneSelf:
		return []unit{own}
	}
	if char, size := utf8.DecodeRune(r.bytes[at:]); char != utf8.RuneError || size > 1 {
		return []unit{own, {char, true, at + size}}
	}
	return []unit{own}
}

// doubled is a quote inside of quotes: twice in SQL, CSV and YAML, with the quotes ended and begun again in a shell.
func (r *reading) doubled(at int) []unit {
	var all []unit
	for _, s := range []string{`''`, `""`, "``", `'\''`, `'"'"'`} {
		if end := at + len(s); end <= r.len() && string(r.bytes[at:end]) == s {
			all = append(all, unit{rune(s[0]), false, end})
		}
	}
	return all
}

// unescaped is the reading with all escapes taken off, nil when there are none.
func (r *reading) unescaped() *reading {
	out := &reading{}
	for at := 0; at < r.len(); {
		u := unit{rune(r.bytes[at]), false, at + 1}
		if special(r.bytes[at]) {
			all := r.units(at, maxEscapes)
			u = all[len(all)-1]
		}
		text := []byte{byte(u.char)} //nolint:gosec // a byte that was widened
		if u.wide {
			text = utf8.AppendRune(nil, u.char)
		}
		for _, b := range text {
			out.add(b, r.from[at], r.to[u.next-1])
		}
		at = u.next
	}
	if out.len() == r.len() {
		return nil
	}
	return out
}
