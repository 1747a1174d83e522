package payload

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Byte order marks (Unicode 16.0, section 23.8). Windows PowerShell writes what a
// program prints as UTF-16 with one, other tools of Windows write UTF-8 with one.
const (
	markUTF8    = "\xef\xbb\xbf"
	markUTF16LE = "\xff\xfe"
	markUTF16BE = "\xfe\xff"
	markUTF32LE = "\xff\xfe\x00\x00"
	markUTF32BE = "\x00\x00\xfe\xff"
)

// isUTF32 reports whether a text begins with a mark of UTF-32, or as JSON can only in it:
// with three zero bytes of four.
func isUTF32(start []byte) bool {
	s := string(start)
	return s == markUTF32LE || s == markUTF32BE || len(s) == 4 && (s[:3] == "\x00\x00\x00") != (s[1:] == "\x00\x00\x00")
}

// inUTF8 returns a text in UTF-8 and without a byte order mark. A text without a mark
// is taken as it is, unless it begins as JSON can only in UTF-16: with one zero byte
// of two (RFC 4627, section 3).
func inUTF8(text *bufio.Reader) (io.Reader, error) {
	start, err := text.Peek(len(markUTF32LE))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if strings.HasPrefix(string(start), markUTF8) {
		_, err := text.Discard(len(markUTF8))
		return text, err
	}
	if len(start) < 2 {
		return text, nil
	}
	if isUTF32(start) {
		return nil, fmt.Errorf("%w: it is UTF-32: save it as UTF-8", ErrSchema)
	}
	switch {
	case string(start[:2]) == markUTF16LE, string(start[:2]) == markUTF16BE:
		order := binary.ByteOrder(binary.LittleEndian)
		if string(start[:2]) == markUTF16BE {
			order = binary.BigEndian
		}
		_, err := text.Discard(2)
		return &utf16Reader{text: text, order: order}, err
	case start[0] != 0 && start[1] == 0:
		return &utf16Reader{text: text, order: binary.LittleEndian}, nil
	case start[0] == 0 && start[1] != 0:
		return &utf16Reader{text: text, order: binary.BigEndian}, nil
	}
	return text, nil
}

// utf16Reader reads UTF-16 as UTF-8.
type utf16Reader struct {
	text  *bufio.Reader
	order binary.ByteOrder
	bytes [utf8.UTFMax]byte
	rest  []byte // of the character that had no room
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.rest) == 0 {
			if n > 0 && u.text.Buffered() < 2*2 {
				return n, nil // rather than wait for more
			}
			r, err := u.character()
			if err != nil {
				if n > 0 && errors.Is(err, io.EOF) {
					return n, nil
				}
				return n, err
			}
			u.rest = utf8.AppendRune(u.bytes[:0], r)
		}
		copied := copy(p[n:], u.rest)
		n, u.rest = n+copied, u.rest[copied:]
	}
	return n, nil
}

func (u *utf16Reader) character() (rune, error) {
	first, err := u.unit()
	if err != nil || !utf16.IsSurrogate(rune(first)) {
		return rune(first), err
	}
	second, err := u.unit()
	if err != nil {
		return 0, unexpectedEnd(err)
	}
	r := utf16.DecodeRune(rune(first), rune(second))
	if r == utf8.RuneError {
		return 0, fmt.Errorf("%w: not UTF-16, as which it begins", ErrSchema)
	}
	return r, nil
}

// unit reads two bytes; io.EOF if there are none.
func (u *utf16Reader) unit() (uint16, error) {
	var b [2]byte
	if _, err := io.ReadFull(u.text, b[:]); err != nil {
		return 0, err
	}
	return u.order.Uint16(b[:]), nil
}
