package payload

import (
	"fmt"
	"unicode/utf8"
)

// saving reads bodies and spools what it has read.
type saving struct {
	walker     *walker
	compressor *compressor
	ahead      lookahead
	segments   []segment
	probe      bodyProbe
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
	if err := s.walker.open(); err != nil {
		return nil, err
	}
	s.segments = nil
	s.ahead.drop(s.walker.offset() - 1)
	s.probe = bodyProbe{members: map[string]bool{}}
	if err := s.walker.members(s); err != nil {
		return nil, err
	}
	if err := s.store(); err != nil {
		return nil, err
	}
	return s.finish(&s.probe)
}

// take implements reader.
func (s *saving) take(p part) error {
	switch {
	case p.member == "format" && p.open == 0:
		if err := checkFormat(p.value); err != nil {
			return fmt.Errorf("%w: format: %w", ErrSchema, err)
		}
		return nil
	case p.open == 0:
		return nil
	}
	s.probe.count(p.member, p.value)
	s.probe.judge(p)
	if s.walker.offset()-s.ahead.start < blockSize {
		return nil
	}
	return s.store()
}

// end implements reader.
func (s *saving) end(p part) error {
	s.probe.members[p.member] = true
	return nil
}

// store spools what the decoder has read. It ends between two tokens, so that no
// character is cut.
func (s *saving) store() error {
	end := s.walker.offset()
	text := s.ahead.bytes[:end-s.ahead.start]
	if !utf8.Valid(text) {
		return fmt.Errorf("%w: not UTF-8", ErrSchema)
	}
	segment, err := s.compressor.segment(text)
	if err != nil {
		return err
	}
	s.segments = append(s.segments, segment)
	s.ahead.drop(end)
	return nil
}

func (s *saving) finish(c *bodyProbe) (*Body, error) {
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
		Incomplete:  kind == Stocktake && c.incomplete,
		Gaps:        c.gaps,
		Empty:       c.pods+c.containers+c.images == 0,
	}
	body.assemble(s.compressor.spool, s.segments)
	return body, nil
}
