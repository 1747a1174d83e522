package payload

import (
	"bytes"
	"slices"
	"sync"
)

// lineStore compresses and stores the lines of several streams, each written by a goroutine
// of its own.
type lineStore struct {
	block   int    // bytes of a segment, unless one line is larger
	between string // two lines

	mu         sync.Mutex // of what follows
	compressor *compressor
	tails      [][]byte // of streams that have ended, to be used again
}

// stream is text in lines. Those that were not kept yet can be dropped. A segment holds
// either lines that are kept or lines that are not.
type stream struct {
	sealed []lines
	tail   []byte // not compressed yet
	count  int    // lines of the tail

	kept                int // of sealed
	keptTail, keptCount int // of tail and count; 0 where segments follow that are not kept
}

// lines are a segment and how many lines it has.
type lines struct {
	segment

	count int
}

// keep makes all lines part of the stream for good.
func (s *stream) keep() { s.kept, s.keptTail, s.keptCount = len(s.sealed), len(s.tail), s.count }

// forget lets all lines be dropped.
func (s *stream) forget() { s.kept, s.keptTail, s.keptCount = 0, 0, 0 }

func (s *stream) isKept() bool { return s.kept == len(s.sealed) && s.keptTail == len(s.tail) }

// lines counts those of all segments.
func (s *stream) lines() int {
	n := 0
	for _, l := range s.sealed {
		n += l.count
	}
	return n
}

// add appends a line with a piece of JSON in it. A line break can only be space between the
// parts of JSON, and would end the line.
func (p *lineStore) add(s *stream, before string, text []byte, after string) error {
	length := len(p.between) + len(before) + len(text) + len(after)
	for len(s.tail) > 0 && len(s.tail)+length > p.block {
		if err := p.seal(s); err != nil {
			return err
		}
	}
	if s.tail == nil {
		s.tail = p.oldTail()
	}
	s.tail = slices.Grow(s.tail, length)
	if len(s.tail) > 0 {
		s.tail = append(s.tail, p.between...)
	}
	s.tail = append(append(s.tail, before...), text...)
	withoutBreaks(s.tail[len(s.tail)-len(text):])
	s.tail = append(s.tail, after...)
	s.count++
	if len(s.tail) > p.block {
		return p.seal(s)
	}
	return nil
}

// withoutBreaks makes spaces of line breaks.
func withoutBreaks(line []byte) {
	for _, end := range [...]byte{'\n', '\r'} {
		for i := bytes.IndexByte(line, end); i >= 0; i = bytes.IndexByte(line, end) {
			line[i] = ' '
			line = line[i:]
		}
	}
}

// seal compresses the tail; if a part of it is kept and the rest is not, only that part.
func (p *lineStore) seal(s *stream) error {
	cut, count, kept := len(s.tail), s.count, s.keptTail > 0
	if kept {
		cut, count = s.keptTail, s.keptCount
	}
	if cut == 0 {
		return nil
	}
	p.mu.Lock()
	sealed, err := p.compressor.segment(s.tail[:cut])
	p.mu.Unlock()
	if err != nil {
		return err
	}
	s.sealed = append(s.sealed, lines{sealed, count})
	if kept {
		s.kept = len(s.sealed)
	}
	rest := bytes.TrimPrefix(s.tail[cut:], []byte(p.between))
	into := s.tail[:0]
	if cap(into) > maxTail {
		into = nil
	}
	s.tail = append(into, rest...)
	s.count -= count
	s.keptTail, s.keptCount = 0, 0
	return nil
}

// maxTail is how large a buffer may be that is used again: one line may have been of megabytes.
const maxTail = 2 * BlockSize

// drop gives up the lines that were not kept.
func (p *lineStore) drop(s *stream) {
	if s.kept < len(s.sealed) {
		p.mu.Lock()
		for _, l := range s.sealed[s.kept:] {
			p.compressor.spool.free(l.stored)
		}
		p.mu.Unlock()
		clear(s.sealed[s.kept:])
		s.sealed = s.sealed[:s.kept]
	}
	s.tail, s.count = s.tail[:s.keptTail], s.keptCount
}

// finish compresses what is left of a stream that nothing follows.
func (p *lineStore) finish(s *stream) error {
	err := p.seal(s)
	if s.tail != nil {
		p.mu.Lock()
		p.tails = append(p.tails, s.tail[:0])
		p.mu.Unlock()
		s.tail = nil
	}
	return err
}

// oldTail returns the buffer of a stream that has ended, if there is one.
func (p *lineStore) oldTail() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.tails) - 1
	if last < 0 {
		return nil
	}
	tail := p.tails[last]
	p.tails = p.tails[:last]
	return tail
}
