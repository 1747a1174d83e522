package transport

import (
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// try is a way to read a secret: so much of it was read, up to this place.
type try struct{ read, at int }

// match returns where the longest stretch ends that begins at a place and reads as the secret, or -1. A secret that
// breaks off at the end of the text counts when most of it is there.
func (s *search) match(r *reading, at int, secret string) int {
	end := -1
	var seen map[try]bool // nil while there is one way only
	s.tries = append(s.tries[:0], try{0, at})
	for len(s.tries) > 0 && s.left >= 0 {
		s.left--
		t := s.tries[len(s.tries)-1]
		s.tries = s.tries[:len(s.tries)-1]
		switch {
		case t.read == len(secret):
			end = max(end, t.at)
			continue
		case t.at >= r.len():
			if t.read >= max(2*Shortest, (len(secret)+1)/2) {
				end = max(end, r.len())
			}
			continue
		case seen[t]:
			continue
		}
		s.advance(r, t, secret)
		if len(s.tries) > 1 && seen == nil {
			seen = map[try]bool{}
		}
		if seen != nil {
			seen[t] = true
		}
	}
	return end
}

// advance adds the ways to read one more character of the secret.
func (s *search) advance(r *reading, t try, secret string) {
	rest := secret[t.read:]
	if c := r.bytes[t.at]; !special(c) {
		if c == rest[0] {
			s.tries = append(s.tries, try{t.read + 1, t.at + 1})
		}
	} else {
		for _, u := range r.units(t.at, maxEscapes) {
			if n, ok := u.reads(rest); ok {
				s.tries = append(s.tries, try{t.read + n, u.next})
			}
		}
	}
	if rest[0] >= utf8.RuneSelf {
		char, size := utf8.DecodeRuneInString(rest)
		if n := r.utf16At(t.at, char); n > 0 {
			s.tries = append(s.tries, try{t.read + size, t.at + n})
		}
	}
}

// reads returns how many bytes of a secret's rest a unit stands for.
func (u unit) reads(rest string) (int, bool) {
	char, size := utf8.DecodeRuneInString(rest)
	switch {
	case u.char == 0:
		return 0, true // every other byte of UTF-16, or the end of a folded line
	case u.char < utf8.RuneSelf && byte(u.char) == rest[0]: //nolint:gosec // it is ASCII
		return 1, true
	case u.char == '+' && rest[0] == ' ':
		return 1, true // in a form
	case rest[0] < utf8.RuneSelf:
		return 0, false
	case u.char == char, u.char == '?', u.wide && u.char == utf8.RuneError:
		return size, true // also as Latin-1, or lost in a smaller character set
	case u.char <= 0xff && byte(u.char) == rest[0]: //nolint:gosec // it is one byte
		return 1, true // UTF-8, also when it was taken for Latin-1
	}
	return 0, false
}

// utf16At returns how many bytes spell the character in UTF-16 of either order, or 0.
func (r *reading) utf16At(at int, char rune) int {
	big := make([]byte, 0, 4)
	for _, u := range utf16.AppendRune(nil, char) {
		big = append(big, byte(u>>8), byte(u)) //nolint:gosec // one half after the other
	}
	little := make([]byte, len(big))
	for i := range big {
		little[i] = big[i^1]
	}
	if at+len(big) <= r.len() {
		if here := r.bytes[at : at+len(big)]; slices.Equal(here, big) || slices.Equal(here, little) {
			return len(big)
		}
	}
	return 0
}
