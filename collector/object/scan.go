package object

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

// What is wrong with a text that is no JSON. None of it says what is in it.
var (
	errCut    = errors.New("ends in the middle")
	errSyntax = errors.New("not JSON")
	errUTF8   = errors.New("a string that is not UTF-8")
	errTwice  = errors.New("a name twice in one object")
	errDeep   = errors.New("nested too deeply")
	errSpace  = errors.New("white space between the parts")
)

// scanString finds the end of the string that starts at a quote, and whether there are
// escapes in it.
func scanString(text []byte, at int) (end int, escaped bool, err error) {
	var high byte
	for i := at + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			if high >= utf8.RuneSelf && !utf8.Valid(text[at+1:i]) {
				return at, escaped, errUTF8
			}
			return i + 1, escaped, nil
		case c == '\\':
			escaped = true
			n, err := scanEscape(text[i:])
			if err != nil {
				return i, escaped, err
			}
			i += n - 1
		case c < ' ':
			return i, escaped, errSyntax
		default:
			high |= c
		}
	}
	return len(text), escaped, errCut
}

// scanEscape is the length of an escape, with that of the second half of a surrogate.
func scanEscape(text []byte) (int, error) {
	if len(text) < 2 {
		return 0, errCut
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
	default:
		return 0, errSyntax
	}
	unit, err := hexUnit(text)
	switch {
	case err != nil || unit < 0xd800 || unit > 0xdfff:
		return 6, err
	case unit > 0xdbff:
		return 0, errUTF8
	}
	if !bytes.HasPrefix(text[6:], []byte(`\u`)[:min(2, len(text)-6)]) {
		return 0, errUTF8
	}
	second, err := hexUnit(text[6:])
	if err == nil && (second < 0xdc00 || second > 0xdfff) {
		err = errUTF8
	}
	return 12, err
}

// hexUnit reads an escape of four digits: a code point, or half a one.
func hexUnit(text []byte) (rune, error) {
	if len(text) < 6 {
		return 0, errCut
	}
	var unit rune
	for _, c := range text[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, errSyntax
		}
		unit = unit<<4 | rune(c)
	}
	return unit, nil
}

// unescape appends what a string means that was scanned before, without its quotes.
func unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			dst = append(dst, text[i])
			continue
		}
		i++
		switch text[i] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			point, _ := hexUnit(text[i-1:])
			i += 4
			if point >= 0xd800 && point <= 0xdfff {
				second, _ := hexUnit(text[i+1:])
				point = (point-0xd800)<<10 + second - 0xdc00 + 0x10000
				i += 6
			}
			dst = utf8.AppendRune(dst, point)
		default:
			dst = append(dst, text[i])
		}
	}
	return dst
}

// scanLiteral finds the end of a number, true, false or null.
func scanLiteral(text []byte, at int) (int, error) {
	switch text[at] {
	case 't':
		return scanWord(text, at, "true")
	case 'f':
		return scanWord(text, at, "false")
	case 'n':
		return scanWord(text, at, "null")
	case ' ', '\t', '\n', '\r':
		return at, errSpace
	default:
		return scanNumber(text, at)
	}
}

func scanWord(text []byte, at int, word string) (int, error) {
	end := min(at+len(word), len(text))
	switch got := string(text[at:end]); {
	case got == word:
		return end, nil
	case got == word[:len(got)]:
		return end, errCut
	default:
		return at, errSyntax
	}
}

// scanNumber follows the grammar of RFC 8259, section 6.
func scanNumber(text []byte, at int) (int, error) {
	end := at
	if text[end] == '-' {
		end++
	}
	whole := digits(text, end)
	if whole == end || text[end] == '0' && whole > end+1 {
		return end, orCut(text, whole)
	}
	end = whole
	if end < len(text) && text[end] == '.' {
		fraction := digits(text, end+1)
		if fraction == end+1 {
			return end, orCut(text, fraction)
		}
		end = fraction
	}
	if end < len(text) && (text[end] == 'e' || text[end] == 'E') {
		end++
		if end < len(text) && (text[end] == '+' || text[end] == '-') {
			end++
		}
		exponent := digits(text, end)
		if exponent == end {
			return end, orCut(text, exponent)
		}
		end = exponent
	}
	return end, nil
}

// digits is where the digits at a place end.
func digits(text []byte, at int) int {
	for at < len(text) && text[at] >= '0' && text[at] <= '9' {
		at++
	}
	return at
}

// orCut is the error where more was expected.
func orCut(text []byte, at int) error {
	if at >= len(text) {
		return errCut
	}
	return errSyntax
}
