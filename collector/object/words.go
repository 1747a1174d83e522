package object

import (
	"bytes"
	"slices"
)

// isSizedMask reports a mask that says how long the string was, so that masking twice is
// masking once.
func isSizedMask(text []byte) bool {
	number, found := bytes.CutPrefix(text, []byte("[redacted "))
	number, ends := bytes.CutSuffix(number, []byte(" bytes]"))
	return found && ends && len(number) > 0 && len(number) < 12 && digits(number, 0) == len(number)
}

// splitLink finds what may be secret in a URL: what is before the last @, which is userinfo or
// a path so odd that it cannot be told from one, and what is after the first ? or # behind
// that. The text is clean if there is nothing of it.
func splitLink(text []byte) (before, host, after int, clean bool) {
	if i := bytes.Index(text, []byte("://")); i >= 0 {
		before = i + len("://")
	}
	host = before
	if i := bytes.LastIndexByte(text, '@'); i >= before {
		host = i + 1
	} else if i >= 0 {
		before, host = 0, i+1
	}
	after = len(text)
	if i := bytes.IndexAny(text[host:], "?#"); i >= 0 {
		after = host + i
	}

	return before, host, after, host == before && after == len(text)
}

// isReference reports text that can be the name of an image: in its letters, and with a
// digest and nothing else behind an @.
func isReference(text []byte) bool {
	name, digest, found := bytes.Cut(text, []byte("@"))
	if found && !bytes.HasPrefix(digest, []byte("sha256:")) && !bytes.HasPrefix(digest, []byte("sha512:")) {
		return false
	}
	return len(text) < 1024 && !slices.ContainsFunc(name, notInReferences) && !slices.ContainsFunc(digest, notInReferences)
}

func notInReferences(c byte) bool {
	return !isWord(c) && c != '.' && c != '-' && c != '/' && c != ':'
}

// isWord reports letters, digits and the underscore.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}
