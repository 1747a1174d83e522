package wire

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// jsonScanner walks over a list and hands out its objects one by one. It works in
// whatever order the server writes the members; only a token that comes after the
// objects leaves nothing to overlap.
type jsonScanner struct {
	jsonStream
	kind  string
	items bool // within the items
	begun bool // of the list, or of the items, a member was read
	named bool // the kind was seen, and right
	known bool // the metadata was seen
	info  ListMeta
}

func newJSONScanner(r *bufio.Reader, kind string) *jsonScanner {
	return &jsonScanner{jsonStream: jsonStream{r: r}, kind: kind}
}

func (s *jsonScanner) Meta() ListMeta { return s.info }

func (s *jsonScanner) Head() (bool, error) {
	if _, err := s.take("{"); err != nil {
		return false, cut(err)
	}
	err := s.members()
	return s.known || !s.items, cut(err)
}

func (s *jsonScanner) Next(o *Object) error {
	if s.items {
		more, err := s.more(']')
		if err == nil && !more {
			s.items, s.begun = false, true
			err = s.members()
		}
		if err != nil {
			return cut(err)
		}
	}
	if !s.items {
		return s.end()
	}
	return s.object(o)
}

// object reads one object. The names of one that is too large are taken from what is
// there of it.
func (s *jsonScanner) object(o *Object) error {
	*o = Object{JSON: true}
	value, err := s.next(MaxObject)
	if errors.Is(err, ErrTooLarge) {
		o.Namespace, o.Name = namesOfJSON(value)
		return &Unreadable{err}
	}
	if err != nil {
		return cut(err)
	}
	o.Bytes = value
	return o.readJSON()
}

// more moves to the next member, or over the closing delimiter.
func (s *jsonScanner) more(closing byte) (bool, error) {
	if !s.begun {
		s.begun = true
		b, err := s.peek()
		if err != nil || b != closing {
			return err == nil, err
		}
		_, err = s.r.Discard(1)
		return false, err
	}
	wanted := ",}" // put together here it would be an allocation for each object
	if closing == ']' {
		wanted = ",]"
	}
	b, err := s.take(wanted)
	return b == ',', err
}

// members reads the members of the list up to its items, or to its end.
func (s *jsonScanner) members() error {
	for {
		more, err := s.more('}')
		if err != nil || !more {
			return err
		}
		var key string
		if err := s.decode(&key); err != nil {
			return err
		}
		if _, err := s.take(":"); err != nil {
			return err
		}
		if err := s.member(key); err != nil || s.items {
			return err
		}
	}
}

func (s *jsonScanner) member(key string) error {
	switch key {
	case "items":
		b, err := s.peek()
		switch {
		case err != nil:
			return err
		case b == 'n':
			return s.decode(new(struct{}))
		case b != '[':
			return ErrList
		}
		s.items, s.begun = true, false
		_, err = s.r.Discard(1)
		return err
	case "metadata":
		if s.known {
			return errTwice
		}
		s.known = true
		return s.decode(&s.info)
	case "kind":
		var kind string
		if err := s.decode(&kind); err != nil {
			return err
		}
		s.named = true
		return checkKind(kind, s.kind)
	}
	var ignored json.RawMessage
	return s.decode(&ignored)
}

// decode reads a member that is not an object of the list.
func (s *jsonScanner) decode(into any) error {
	value, err := s.next(MaxObject)
	if err != nil {
		return err
	}
	return json.Unmarshal(value, into)
}

// end makes sure that nothing follows the list.
func (s *jsonScanner) end() error {
	b, err := s.peek()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return ended(err, s.named && s.known)
		}
		return err
	}
	return fmt.Errorf("%w %q after the end of the list", errSyntax, b)
}
