package transport

import (
	"html"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

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

// escapes are the characters that an escape stands for which begins with the unit. The others of its characters may be
// escaped themselves, so many deep.
func (r *reading) escapes(u unit, depth int) []unit {
	switch u.char {
	case '%':
		return r.percent(u.next, depth)
	case '\\':
		return r.backslash(u.next, depth)
	case '&':
		return r.entity(u.next, depth)
	case '=':
		return r.quotedPrintable(u.next, depth)
	}
	return nil
}

// percent is %2F, and %u002F of ECMAScript's escape (ECMA-262 annex B).
func (r *reading) percent(at, depth int) []unit {
	if b, next, ok := r.hex(at, depth, 2, 2); ok {
		return []unit{{b, false, next}}
	}
	if next, ok := r.literal(at, depth, "uU"); ok {
		return r.utf16Escape(next, depth)
	}
	return nil
}

// quotedPrintable is =2F of RFC 2045 section 6.7, and the end of a line that is none.
func (r *reading) quotedPrintable(at, depth int) []unit {
	if b, next, ok := r.hex(at, depth, 2, 2); ok {
		return []unit{{b, false, next}}
	}
	next, cr := r.literal(at, depth, "\r")
	if !cr {
		next = at
	}
	if next, ok := r.literal(next, depth, "\n"); ok {
		return []unit{{0, false, next}}
	}
	return nil
}

// backslash is \/ and \u002F of JSON, \x2f and \057 of most languages, \U0000002f of Go and Python, \u{2f} of
// ECMAScript and Rust, \2f of LDAP (RFC 4515).
func (r *reading) backslash(at, depth int) []unit {
	if at >= r.len() {
		return nil
	}
	var all []unit
	for _, u := range r.units(at, depth) {
		switch u.char {
		case 'u':
			all = append(all, r.utf16Escape(u.next, depth)...)
			all = append(all, r.braced(u.next, depth)...)
		case 'U':
			all = append(all, r.codePoint(u.next, depth, 8)...)
		case 'x':
			if b, next, ok := r.hex(u.next, depth, 2, 2); ok {
				all = append(all, unit{b, false, next})
			}
			all = append(all, r.braced(u.next, depth)...)
		}
		if i := strings.IndexRune("abfnrtv", u.char); i >= 0 {
			all = append(all, unit{rune("\a\b\f\n\r\t\v"[i]), false, u.next})
		}
		all = append(all, u)
	}
	if b, next, ok := r.digits(at, depth, 8, 1, 3); ok && b <= 0xff {
		all = append(all, unit{b, false, next})
	}
	if b, next, ok := r.hex(at, depth, 2, 2); ok {
		all = append(all, unit{b, false, next})
	}
	return all
}

// utf16Escape is the four digits after \u, or two times that for a pair of surrogates.
func (r *reading) utf16Escape(at, depth int) []unit {
	high, next, ok := r.hex(at, depth, 4, 4)
	if !ok {
		return nil
	}
	if !utf16.IsSurrogate(high) {
		return []unit{{high, true, next}}
	}
	if after, ok := r.literal(next, depth, `\%`); ok {
		if after, ok = r.literal(after, depth, "uU"); ok {
			if low, end, ok := r.hex(after, depth, 4, 4); ok {
				return []unit{{utf16.DecodeRune(high, low), true, end}}
			}
		}
	}
	return []unit{{utf8.RuneError, true, next}}
}

func (r *reading) codePoint(at, depth, digits int) []unit {
	if char, next, ok := r.hex(at, depth, digits, digits); ok && utf8.ValidRune(char) {
		return []unit{{char, true, next}}
	}
	return nil
}

func (r *reading) braced(at, depth int) []unit {
	if at, ok := r.literal(at, depth, "{"); ok {
		if char, next, ok := r.hex(at, depth, 1, 8); ok && utf8.ValidRune(char) {
			if next, ok = r.literal(next, depth, "}"); ok {
				return []unit{{char, true, next}}
			}
		}
	}
	return nil
}

// maxEntity is longer than the longest name of an entity, and leaves room for zeros before a number.
const maxEntity = 34

// entity is &amp; or &#38; or &#x26;, in all names and with the few that need no semicolon.
func (r *reading) entity(at, depth int) []unit {
	name := []byte{'&'}
	var ends []int // the place after each byte of the name
	for len(name) < maxEntity {
		u, ok := r.one(at, depth, func(c rune) bool { return isAlphanumeric(c) || c == '#' || c == ';' })
		if !ok {
			break
		}
		name, at = append(name, byte(u.char)), u.next //nolint:gosec // it is alphanumeric
		ends = append(ends, at)
		if u.char == ';' {
			break
		}
	}
	text := html.UnescapeString(string(name))
	char, size := utf8.DecodeRuneInString(text)
	if char == '&' && len(text) == len(name) {
		return nil // no entity
	}
	rest := len(text) - size // bytes after the entity, when it ended without a semicolon
	if rest >= len(ends) {
		return nil
	}
	return []unit{{char, true, ends[len(ends)-1-rest]}}
}

// one reads a character that is wanted.
func (r *reading) one(at, depth int, wanted func(rune) bool) (unit, bool) {
	if at < r.len() {
		for _, u := range r.units(at, depth) {
			if wanted(u.char) {
				return u, true
			}
		}
	}
	return unit{}, false
}

// literal reads one of a few characters, and returns the place after it.
func (r *reading) literal(at, depth int, wanted string) (int, bool) {
	u, ok := r.one(at, depth, func(c rune) bool { return strings.ContainsRune(wanted, c) })
	return u.next, ok
}

func (r *reading) hex(at, depth, least, most int) (value rune, next int, ok bool) {
	return r.digits(at, depth, 16, least, most)
}

// digits reads a number of at least and at most so many digits.
func (r *reading) digits(at, depth, base, least, most int) (value rune, next int, ok bool) {
	count := 0
	for ; count < most; count++ {
		u, found := r.one(at, depth, func(c rune) bool { return digit(c) < base })
		if !found {
			break
		}
		value, at = value*rune(base)+rune(digit(u.char)), u.next //nolint:gosec // it is below 36
	}
	return value, at, count >= least && value >= 0
}
