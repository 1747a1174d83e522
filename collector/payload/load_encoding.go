package payload

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"stocktake/collector/plaintext"
)

// inUTF8 reads JSON as UTF-8 and without a byte order mark. A text without a mark is
// taken as it is, unless it begins as JSON can only in UTF-16, with one zero byte of
// two, or in UTF-32, with three of four (RFC 4627, section 3).
func inUTF8(text *bufio.Reader) (io.Reader, error) {
	start, err := text.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	s := string(start)
	switch {
	case len(s) < 2:
	case len(s) == 4 && (s[:3] == "\x00\x00\x00") != (s[1:] == "\x00\x00\x00"):
		return nil, plaintext.ErrUTF32
	case s[0] != 0 && s[1] == 0:
		return plaintext.UTF16(text, binary.LittleEndian), nil
	case s[0] == 0 && s[1] != 0:
		return plaintext.UTF16(text, binary.BigEndian), nil
	}
	return plaintext.NewReader(text)
}
