package transport

import (
	"strconv"
	"unicode/utf8"
)

// Shortest is the length in bytes of the shortest secret that is looked for.
const Shortest = 4

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

func isAlphanumeric(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// digit is the value of one, 36 for any other character.
func digit(c rune) int {
	if !isAlphanumeric(c) {
		return 36
	}
	value, err := strconv.ParseInt(string(c), 36, 0)
	if err != nil {
		return 36
	}
	return int(value)
}
