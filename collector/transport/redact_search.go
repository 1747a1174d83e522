package transport

import (
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// maxCost is what one search may cost, in bytes and steps. A text that costs more is hidden as a whole.
const maxCost = 1 << 20

// maxNested is how often a text is decoded that has no bytes in common with the secret, such as base64.
const maxNested = 2

// index holds secrets by how they begin.
type index struct {
	first  [utf8.RuneSelf][]string // those that begin with ASCII, by their first byte
	others []string                // those that do not: these may begin with any byte, in UTF-16
}

func (x *index) add(secret string) {
	if first := secret[0]; first < utf8.RuneSelf {
		x.first[first] = append(x.first[first], secret)
	} else {
		x.others = append(x.others, secret)
	}
}

// span is a stretch of the text that was given, in bytes.
type span struct{ from, to int }

// find returns where the secrets are. It is not ok when that costs too much to tell.
func (x *index) find(text string) (found []span, ok bool) {
	s := search{index: x, left: maxCost}
	s.look(newReading(text), 0)
	return s.found, s.left >= 0
}

// search looks for secrets in a text and in what it decodes to.
type search struct {
	*index

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
