package payload

import (
	"strconv"
	"unicode/utf8"

	"stocktake/collector/inventory"
)

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string, byte for byte as encoding/json writes
// it by default: safe inside HTML and JavaScript, and with U+FFFD for what is not
// UTF-8. Anchore's own collector posts the same form.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

// appendEscaped appends what stands between the quotes of a JSON string.
func appendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		if isPlain(s[i]) {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		size := 1
		if s[i] < utf8.RuneSelf {
			dst = appendEscape(dst, s[i])
		} else {
			dst, size = appendRune(dst, s[i:])
		}
		i += size
		start = i
	}
	return append(dst, s[start:]...)
}

// isPlain tells the bytes that stand for themselves in a JSON string.
func isPlain(b byte) bool {
	return b >= ' ' && b < utf8.RuneSelf && b != '"' && b != '\\' && b != '<' && b != '>' && b != '&'
}

func appendEscape(dst []byte, b byte) []byte {
	switch b {
	case '"', '\\':
		return append(dst, '\\', b)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&0xF])
	}
}

// appendRune appends the first character of s, which is not ASCII, and returns
// how many bytes of s it took. The line and paragraph separators end a line in
// JavaScript, where JSON is often put.
func appendRune(dst []byte, s string) ([]byte, int) {
	const lineSeparator, paragraphSeparator = '\u2028', '\u2029'
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size == 1:
		return append(dst, `\ufffd`...), size
	case r == lineSeparator:
		return append(dst, `\u2028`...), size
	case r == paragraphSeparator:
		return append(dst, `\u2029`...), size
	}
	return append(dst, s[:size]...), size
}

// appendKey appends the key of a member, which needs no escapes, and the comma
// before it unless it is the first of its object.
func appendKey(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	return append(dst, '"', ':')
}

// appendMember appends a member with a string for its value.
func appendMember(dst []byte, key, value string) []byte {
	return appendString(appendKey(dst, key), value)
}

// appendOptional does the same unless the value is empty.
func appendOptional(dst []byte, key, value string) []byte {
	if value == "" {
		return dst
	}
	return appendMember(dst, key, value)
}

// appendInt appends a member with a whole number for its value.
func appendInt(dst []byte, key string, value int) []byte {
	return strconv.AppendInt(appendKey(dst, key), int64(value), 10)
}

// appendBool appends a member that is true or false.
func appendBool(dst []byte, key string, value bool) []byte {
	return strconv.AppendBool(appendKey(dst, key), value)
}

// appendLabels appends labels or annotations as an object, or nothing if there
// are none.
func appendLabels(dst []byte, key string, labels []inventory.Label) []byte {
	if len(labels) == 0 {
		return dst
	}
	dst = append(appendKey(dst, key), '{')
	for i, label := range labels {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, label.Key), ':')
		dst = appendString(dst, label.Value)
	}
	return append(dst, '}')
}

// appendStrings appends an array of strings.
func appendStrings(dst []byte, key string, values []string) []byte {
	dst = append(appendKey(dst, key), '[')
	for i, value := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, value)
	}
	return append(dst, ']')
}

// appendServer appends the answer of the API server to GET /version, whole, or
// null where there was none: so Anchore's own collectors write what they do not know.
func appendServer(dst []byte, v *inventory.ServerVersion) []byte {
	if !v.Known() {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	dst = appendMember(dst, "major", v.Major)
	dst = appendMember(dst, "minor", v.Minor)
	dst = appendMember(dst, "gitVersion", v.GitVersion)
	dst = appendMember(dst, "gitCommit", v.GitCommit)
	dst = appendMember(dst, "gitTreeState", v.GitTreeState)
	dst = appendMember(dst, "buildDate", v.BuildDate)
	dst = appendMember(dst, "goVersion", v.GoVersion)
	dst = appendMember(dst, "compiler", v.Compiler)
	dst = appendMember(dst, "platform", v.Platform)
	for _, other := range v.Others {
		dst = append(appendString(append(dst, ','), other.Name), ':')
		dst = append(dst, other.Value...)
	}
	return append(dst, '}')
}
