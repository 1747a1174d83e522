package payload

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// saving reads bodies and spools what it has read.
type saving struct {
	decoder  *json.Decoder
	press    *press
	ahead    lookahead
	segments []segment
}

// lookahead holds the bytes that the decoder was given and that are not spooled.
type lookahead struct {
	bytes []byte
	start int64 // offset of the first of them
}

// Write implements io.Writer.
func (l *lookahead) Write(p []byte) (int, error) {
	l.bytes = append(l.bytes, p...)
	return len(p), nil
}

// drop forgets the bytes before an offset.
func (l *lookahead) drop(offset int64) {
	l.bytes = append(l.bytes[:0], l.bytes[offset-l.start:]...)
	l.start = offset
}

// body reads and spools the next body; io.EOF if there is none.
func (s *saving) body() (*Body, error) {
	open, err := s.decoder.Token()
	if err != nil {
		return nil, err
	}
	if open != json.Delim('{') {
		return nil, fmt.Errorf("%w: %s where an object should be", ErrSchema, kindOf(open))
	}
	s.segments = nil
	s.ahead.drop(s.decoder.InputOffset() - 1)
	c := census{members: map[string]bool{}}
	for s.decoder.More() {
		if err := s.member(&c); err != nil {
			return nil, unexpectedEnd(err)
		}
	}
	if _, err := s.decoder.Token(); err != nil {
		return nil, unexpectedEnd(err)
	}
	if err := s.store(); err != nil {
		return nil, err
	}
	return s.finish(&c)
}

// member reads the name and the value of a member of a body.
func (s *saving) member(c *census) error {
	key, err := s.decoder.Token()
	if err != nil {
		return err
	}
	name, _ := key.(string)
	c.members[name] = true
	value, err := s.decoder.Token()
	if err != nil {
		return err
	}
	open, ok := value.(json.Delim)
	if !ok {
		return nil
	}
	for s.decoder.More() {
		if err := s.element(name, open, c); err != nil {
			return err
		}
	}
	_, err = s.decoder.Token()
	return err
}

// element reads what is in the array or object of a member, one at a time.
func (s *saving) element(name string, open json.Delim, c *census) error {
	if open == '{' {
		if _, err := s.decoder.Token(); err != nil {
			return err
		}
	}
	var element json.RawMessage
	if err := s.decoder.Decode(&element); err != nil {
		return err
	}
	c.count(name, element)
	if s.decoder.InputOffset()-s.ahead.start < blockSize {
		return nil
	}
	return s.store()
}

// store spools what the decoder has read. It ends between two tokens, so that no
// character is cut.
func (s *saving) store() error {
	end := s.decoder.InputOffset()
	text := s.ahead.bytes[:end-s.ahead.start]
	if !utf8.Valid(text) {
		return fmt.Errorf("%w: not UTF-8", ErrSchema)
	}
	segment, err := s.press.segment(text)
	if err != nil {
		return err
	}
	s.segments = append(s.segments, segment)
	s.ahead.drop(end)
	return nil
}

func (s *saving) finish(c *census) (*Body, error) {
	kind, err := c.kind()
	if err != nil {
		return nil, err
	}
	body := &Body{
		Kind:        kind,
		Namespaces:  c.namespaces,
		Pods:        c.pods,
		Containers:  c.containers,
		ContentType: ContentType,
	}
	body.assemble(s.press.spool, s.segments)
	return body, nil
}
