package saved

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"stocktake/collector/plaintext"
)

// gzipMagic is how a gzip member begins (RFC 1952 §2.3.1); no JSON does.
const gzipMagic = "\x1f\x8b"

// unpacked returns what was saved as plain text in UTF-8.
func unpacked(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	start, err := buffered.Peek(len(gzipMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(start) == gzipMagic {
		member, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, asSchemaFault(err)
		}
		buffered = bufio.NewReaderSize(member, 64<<10)
	}
	plain, err := inUTF8(buffered)
	if err != nil {
		return nil, asSchemaFault(err)
	}
	return plain, nil
}

// asSchemaFault tells what is wrong with the bytes from what is wrong with the disk.
func asSchemaFault(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: there is nothing in it", ErrSchema)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("%w: damaged: %w", ErrSchema, err)
	case errors.Is(err, plaintext.ErrUTF16), errors.Is(err, plaintext.ErrUTF32):
		return fmt.Errorf("%w: %w", ErrSchema, err)
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: not JSON, or cut off: %w", ErrSchema, err)
	}
	return err
}

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
