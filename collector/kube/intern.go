package kube

import (
	"strings"
	"unicode/utf8"
)

// Bounds of the interner: at most about 2 MB, and long values (annotations,
// mostly) rarely repeat.
const (
	internEntries = 8192
	internLength  = 256
)

// interner gives equal bytes the same string, so that an image name or a label
// that a thousand pods share is allocated once. When it is full it starts
// over: strings handed out stay valid, they are only no longer shared.
type interner struct {
	known map[string]string
}

func newInterner() *interner {
	return &interner{known: make(map[string]string, 1024)}
}

// text is the string of b. Looking it up allocates nothing.
func (in *interner) text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > internLength {
		return newText(b)
	}
	if s, ok := in.known[string(b)]; ok {
		return s
	}
	if len(in.known) >= internEntries {
		clear(in.known)
	}
	key := string(b)
	s := mend(key)
	in.known[key] = s
	return s
}

// newText is b as a string of its own.
func newText(b []byte) string { return mend(string(b)) }

// mend replaces what is not UTF-8. The API promises UTF-8 and protobuf does
// not check it: done here, once, every consumer may rely on it.
func mend(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}
