package kubeconfig

import (
	"strings"

	"stocktake/collector/plaintext"
)

// maxWords bounds what is repeated of the words of others, in bytes.
const maxWords = 4 << 10

// printable makes one line of the words of others, safe to show and not too long.
func printable(words string) string { return plaintext.Cut(plaintext.Flat(words), maxWords) }

// Characters of names.
const (
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
)

// isOf reports a text that is not empty, begins with one of some characters, and has
// others alone after it.
func isOf(text, first, others string) bool {
	return text != "" && strings.IndexByte(first, text[0]) >= 0 && strings.Trim(text[1:], others) == ""
}

// isProgram reports the form of the name of a program. A command line in its place may
// hold a secret.
func isProgram(name string) bool {
	return len(name) <= 64 && isOf(name, upper+lower+digits, upper+lower+digits+"._+-")
}

// isPlain reports an argument that says what to do: get-token, eks.
func isPlain(word string) bool { return isOf(word, lower, lower+"-") }

// isKind reports the form of the name of a kind.
func isKind(text string) bool {
	return len(text) <= 63 && isOf(text, upper, upper+lower)
}

// isVersion reports the form of a version, with a group before it or without. What
// looks otherwise may be anything, and is not repeated.
func isVersion(text string) bool {
	group, version, grouped := strings.Cut(text, "/")
	if !grouped {
		version = text
	} else if len(group) > 253 || !isOf(group, lower+digits+".-", lower+digits+".-") {
		return false
	}
	number, found := strings.CutPrefix(version, "v")
	return found && len(number) <= 21 && isOf(number, digits, lower+digits)
}

func versionName(version string) string {
	switch {
	case version == "":
		return "no version"
	case isVersion(version):
		return version
	}
	return "an unknown version"
}

// noHeader reports characters that no header of HTTP may have (RFC 9110, section 5.5).
func noHeader(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
