package kube

import (
	"bytes"
	"slices"
)

// In the order of bytes the pods of a namespace come together. A database with the
// collation of a language (PostgreSQL with en_US.UTF-8) passes over all that is no
// letter and no digit: there "ab/c" comes between "a-b/a" and "a-b/x". As long as a
// listing is of one moment, that shows itself: what comes back is out of order. When
// a later moment begins in between, or the listing fails, "a-b/x" may never come.
//
// In either order the keys of a namespace are together among those that begin with its
// letters. So where the last key does not begin with the letters of a namespace, it is
// over or yet to come as a whole, whatever the order. Where it does, and nobody knows
// the order, the namespaces are read one by one.

// later says that a later moment begins after the last object.
func (s *sequence) later() {
	if s.seen != nil || !s.begun {
		return
	}
	s.torn = s.torn || s.straddles()
	s.boundary = s.last.letters()
}

// straddles reports whether a namespace that is over may have more to come after the
// last object, if the order is not that of bytes.
func (s *sequence) straddles() bool {
	if s.seen != nil {
		return false
	}
	last := s.last.letters()
	for namespace := range s.over {
		if bytes.HasPrefix(last, letters([]byte(namespace))) {
			return true
		}
	}
	return false
}

func (k key) letters() []byte { return append(letters(k.namespace), letters(k.name)...) }

// letters are the letters and digits of a name.
func letters(name []byte) []byte {
	return slices.DeleteFunc(slices.Clone(name), func(b byte) bool { return b == '-' || b == '.' })
}
