package plaintext

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// ByteOrderMark is the mark that UTF-8 may begin with (Unicode 16.0, section 23.8).
// Windows PowerShell writes what a program prints as UTF-16 with a mark, other tools of
// Windows write UTF-8 with one.
const ByteOrderMark = "\xef\xbb\xbf"

// The marks of the other encodings.
const (
	markUTF16LE = "\xff\xfe"
	markUTF16BE = "\xfe\xff"
	markUTF32LE = "\xff\xfe\x00\x00"
	markUTF32BE = "\x00\x00\xfe\xff"
)

var (
	// ErrUTF16 means that a text begins as UTF-16 and goes on as something else.
	ErrUTF16 = errors.New("not UTF-16, as which it begins")
	// ErrUTF32 means that a text is in UTF-32, which nothing here reads.
	ErrUTF32 = errors.New("it is UTF-32: save it as UTF-8")
)

// Decode returns a text in UTF-8 and without its byte order mark. A text without a mark
// is returned as it is.
func Decode(text []byte) ([]byte, error) {
	r, err := NewReader(bufio.NewReader(bytes.NewReader(text)))
	if err != nil {
		return nil, err
	}
	decoded, err := io.ReadAll(r)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrUTF16 // an odd number of bytes
	}
	return decoded, err
}

// NewReader reads a text as UTF-8 and without its byte order mark. A text without a
// mark is read as it is.
func NewReader(text *bufio.Reader) (io.Reader, error) {
	start, err := text.Peek(len(markUTF32LE))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	begins := func(mark string) bool { return bytes.HasPrefix(start, []byte(mark)) }
	switch {
	case begins(markUTF32LE), begins(markUTF32BE):
		return nil, ErrUTF32
	case begins(ByteOrderMark):
		_, err := text.Discard(len(ByteOrderMark))
		return text, err
	case begins(markUTF16LE):
		_, err := text.Discard(len(markUTF16LE))
		return UTF16(text, binary.LittleEndian), err
	case begins(markUTF16BE):
		_, err := text.Discard(len(markUTF16BE))
		return UTF16(text, binary.BigEndian), err
	}
	return text, nil
}

// UTF16 reads UTF-16 without a byte order mark as UTF-8.
func UTF16(text *bufio.Reader, order binary.ByteOrder) io.Reader {
	return &utf16Reader{text: text, order: order}
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
	if errors.Is(err, io.EOF) {
		return 0, io.ErrUnexpectedEOF
	}
	if err != nil {
		return 0, err
	}
	r := utf16.DecodeRune(rune(first), rune(second))
	if r == utf8.RuneError {
		return 0, ErrUTF16
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
