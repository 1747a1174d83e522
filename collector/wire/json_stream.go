package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

var (
	// errSyntax is a page that is no JSON.
	errSyntax = errors.New("json: invalid character")
	// errDepth is what nobody decodes (encoding/json does not either).
	errDepth = errors.New("json: nested beyond a depth of 10,000")
	// ErrList is something else in the place of a list.
	ErrList = errors.New("json: something else where a list should be")
)

const maxDepth = 10_000

// jsonStream cuts JSON into values while it arrives, and looks into none of them.
type jsonStream struct {
	r     *bufio.Reader
	value []byte // the one that was read last
}

// peek is the next byte that is no white space.
func (s *jsonStream) peek() (byte, error) {
	for {
		b, err := s.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != ' ' && b != '\n' && b != '\t' && b != '\r' {
			return b, s.r.UnreadByte()
		}
	}
}

// take reads one of some bytes, and says which.
func (s *jsonStream) take(wanted string) (byte, error) {
	b, err := s.peek()
	if err != nil {
		return 0, err
	}
	if bytes.IndexByte([]byte(wanted), b) < 0 {
		return 0, fmt.Errorf("%w %q where one of %q should be", errSyntax, b, wanted)
	}
	_, err = s.r.Discard(1)
	return b, err
}

// next reads a value, which is valid until the next one is read. Of one that is larger
// than most it keeps the beginning, and reports ErrTooLarge when it has passed it. Its
// memory grows with what arrives.
func (s *jsonStream) next(most int) ([]byte, error) {
	first, err := s.peek()
	if err != nil {
		return nil, err
	}
	s.value = s.value[:0]
	large := false
	for in := newNesting(first); ; {
		if _, err := s.r.Peek(1); errors.Is(err, io.EOF) && in.scalar {
			break
		} else if err != nil {
			return nil, err
		}
		chunk, err := s.r.Peek(s.r.Buffered())
		if err != nil {
			return nil, err
		}
		n, done := in.end(chunk)
		if in.depth > maxDepth {
			return nil, errDepth
		}
		if large = large || len(s.value)+n > most; !large {
			s.value = slices.Grow(s.value, n)
			s.value = append(s.value, chunk[:n]...)
		}
		if _, err := s.r.Discard(n); err != nil {
			return nil, err
		}
		if done {
			break
		}
	}
	if large {
		return s.value, ErrTooLarge
	}
	return s.value, nil
}

// nesting finds the end of a value. It takes brackets and braces for the same: whoever
// decodes the value sees that they are not.
type nesting struct {
	scalar  bool // neither string nor nested: it ends before what follows
	depth   int
	quoted  bool // within a string
	escaped bool // after a backslash
}

func newNesting(first byte) nesting {
	return nesting{scalar: first != '{' && first != '[' && first != '"'}
}

// end is how many of the bytes belong to the value, and whether it ends there.
func (n *nesting) end(b []byte) (length int, done bool) {
	for i := 0; i < len(b); i++ {
		if n.quoted {
			i += n.string(b[i:])
			if i == len(b) {
				return i, false
			}
			if n.depth == 0 {
				return i + 1, true
			}
			continue
		}
		if n.scalar && bytes.IndexByte([]byte("}], \n\t\r:"), b[i]) >= 0 {
			return i, true
		}
		if n.mark(b[i]) {
			return i + 1, true
		}
	}
	return len(b), false
}

// mark takes a byte outside of strings, and reports whether it closes the value.
func (n *nesting) mark(b byte) bool {
	switch b {
	case '"':
		n.quoted = true
	case '{', '[':
		n.depth++
	case '}', ']':
		n.depth--
		return n.depth == 0
	}
	return false
}

// string is where the quotation mark is that ends a string, or the length of what is
// there of it.
func (n *nesting) string(b []byte) int {
	if end := bytes.IndexByte(b, '"'); !n.escaped && end >= 0 && bytes.IndexByte(b[:end], '\\') < 0 {
		n.quoted = false // as nearly all of them end
		return end
	}
	for i := range b {
		switch {
		case n.escaped:
			n.escaped = false
		case b[i] == '\\':
			n.escaped = true
		case b[i] == '"':
			n.quoted = false
			return i
		}
	}
	return len(b)
}

// Members walks over the members of an object, or the elements of an array, which is
// valid JSON and at hand as a whole: the key, with its quotation marks, is nil in an
// array.
func Members(value []byte, each func(key, value []byte) error) error {
	rest, keyed := value[1:], value[0] == '{'
	for {
		rest = bytes.TrimLeft(rest, " \n\t\r,:")
		if len(rest) == 0 || rest[0] == '}' || rest[0] == ']' {
			return nil
		}
		var key []byte
		if keyed {
			key, rest = cutValue(rest)
			rest = bytes.TrimLeft(rest, " \n\t\r:")
		}
		var v []byte
		if v, rest = cutValue(rest); len(v) == 0 {
			return errSyntax
		}
		if err := each(key, v); err != nil {
			return err
		}
	}
}

// cutValue cuts a value off the beginning.
func cutValue(b []byte) (value, rest []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	in := newNesting(b[0])
	n, _ := in.end(b)
	return b[:n], b[n:]
}

// Unquoted is a copy of a JSON string. An absent one (null) is empty.
func Unquoted(value []byte) (text []byte, ok bool) {
	if string(value) == "null" {
		return []byte{}, true
	}
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return nil, false
	}
	if content := value[1 : len(value)-1]; bytes.IndexByte(content, '\\') < 0 && utf8.Valid(content) {
		return append([]byte{}, content...), true
	}
	var decoded string
	err := json.Unmarshal(value, &decoded)
	return []byte(decoded), err == nil
}
