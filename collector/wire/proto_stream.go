package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// errLengths is a message that reaches beyond the one that holds it.
var errLengths = errors.New("protobuf: lengths do not add up")

// protoStream reads tags, lengths and messages from a stream and keeps count
// of what is left of the enclosing message.
type protoStream struct {
	r      *bufio.Reader
	left   int64
	object []byte // memory for what does not fit into the buffer of r
}

// message reads a length and as many bytes. They are valid until the next read.
func (s *protoStream) message(most int64) ([]byte, error) {
	n, err := s.length(most)
	if err != nil {
		return nil, err
	}
	return s.content(n)
}

// content reads as many bytes. They are valid until the next read.
func (s *protoStream) content(n int64) ([]byte, error) {
	s.left -= n
	if n <= int64(s.r.Size()) {
		b, err := s.r.Peek(int(n))
		if err != nil {
			return nil, err
		}
		_, err = s.r.Discard(int(n))
		return b, err
	}
	return s.large(int(n))
}

// large reads an object that does not fit into the reader's buffer. Its memory
// grows with what arrives, not with what the length promises.
func (s *protoStream) large(n int) ([]byte, error) {
	s.object = s.object[:0]
	for len(s.object) < n {
		have := len(s.object)
		more := min(n-have, max(have, s.r.Size()))
		s.object = slices.Grow(s.object, more)[:have+more]
		if _, err := io.ReadFull(s.r, s.object[have:]); err != nil {
			return nil, err
		}
	}
	return s.object, nil
}

func (s *protoStream) length(most int64) (int64, error) {
	n, err := binary.ReadUvarint(s)
	if err != nil {
		return 0, err
	}
	if n > uint64(s.left) { //nolint:gosec // left is never negative
		return 0, errLengths
	}
	if n > uint64(most) { //nolint:gosec // most is a constant
		return 0, fmt.Errorf("protobuf: %w (%d bytes)", ErrTooLarge, n)
	}
	return int64(n), nil //nolint:gosec // at most left
}

func (s *protoStream) tag() (protowire.Number, protowire.Type, error) {
	v, err := binary.ReadUvarint(s)
	if err != nil {
		return 0, 0, err
	}
	num, typ := protowire.DecodeTag(v)
	if num < protowire.MinValidNumber {
		return 0, 0, fmt.Errorf("protobuf: tag: %w", errLengths)
	}
	return num, typ, nil
}

func (s *protoStream) skip(typ protowire.Type) error {
	var n int64
	var err error
	switch typ {
	case protowire.VarintType:
		_, err = binary.ReadUvarint(s)
		return err
	case protowire.BytesType:
		n, err = s.length(math.MaxInt64)
	case protowire.Fixed32Type:
		n = 4
	case protowire.Fixed64Type:
		n = 8
	default:
		return errGroup
	}
	if err != nil {
		return err
	}
	return s.discard(n)
}

func (s *protoStream) discard(n int64) error {
	if n > s.left {
		return errLengths
	}
	s.left -= n
	_, err := io.CopyN(io.Discard, s.r, n)
	return err
}

// ReadByte lets varints be read from the stream and counted.
func (s *protoStream) ReadByte() (byte, error) {
	if s.left <= 0 {
		return 0, errLengths
	}
	b, err := s.r.ReadByte()
	if err == nil {
		s.left--
	}
	return b, err
}
