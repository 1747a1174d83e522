package saved

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"stocktake/collector/payload"
)

// Bodies takes over bodies that were built earlier and written to a file, plain or
// in gzip, one after the other or in an array. They are compressed again on the way into a spool,
// recognised by their members and checked against the schema of their kind, an
// array element at a time, so that a large body is never held in memory. Space
// around a body is not part of it, nor is a byte order mark; UTF-16 becomes UTF-8. All
// other bytes stay as they are. Whom a body is for is not written in it, so
// Body.Account is empty.
//
// The bodies can be read until discard is called, which must be.
func Bodies(r io.Reader, o payload.Options) (bodies []*payload.Body, discard func(), err error) {
	copier, err := payload.NewCopier(o)
	if err != nil {
		return nil, nil, err
	}
	bodies, err = readBodies(r, copier)
	if err != nil {
		copier.Discard()
		return nil, nil, fmt.Errorf("read saved body %d: %w", len(bodies)+1, err)
	}
	return bodies, copier.Discard, nil
}

// readBodies takes over one body after the other.
func readBodies(r io.Reader, to *payload.Copier) ([]*payload.Body, error) {
	plain, err := unpacked(r)
	if err != nil {
		return nil, err
	}
	t := &taking{to: to}
	t.walker = newWalker(io.TeeReader(plain, &t.ahead))
	var all []*payload.Body
	for {
		body, err := t.body()
		if errors.Is(err, io.EOF) && len(all) > 0 {
			return all, nil
		}
		if err != nil {
			return all, asSchemaFault(err)
		}
		if err := checkBody(body); err != nil {
			return all, err
		}
		all = append(all, body)
	}
}

// checkBody compares a body with the schema of its kind.
func checkBody(b *payload.Body) error {
	s, err := schemaOf(b.Kind)
	if err != nil {
		return err
	}
	plain := b.Plain()
	return errors.Join(s.check(plain), plain.Close())
}

// taking reads bodies and hands on what it has read.
type taking struct {
	walker *walker
	to     *payload.Copier
	ahead  lookahead
	probe  probe
}

// lookahead holds the bytes that the decoder was given and that are not handed on.
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

// body takes over the next body; io.EOF if there is none.
func (t *taking) body() (*payload.Body, error) {
	if err := t.walker.open(); err != nil {
		return nil, err
	}
	t.ahead.drop(t.walker.offset() - 1)
	t.probe = probe{members: map[string]bool{}}
	if err := t.walker.members(t); err != nil {
		return nil, err
	}
	if err := t.store(); err != nil {
		return nil, err
	}
	return t.finish()
}

// take implements reader.
func (t *taking) take(p part) error {
	switch {
	case p.member == "format" && p.open == 0:
		if err := checkFormat(p.value); err != nil {
			return fmt.Errorf("%w: format: %w", ErrSchema, err)
		}
		return nil
	case p.open == 0:
		return nil
	}
	t.probe.count(p.member, p.value)
	t.probe.judge(p)
	if t.walker.offset()-t.ahead.start < payload.BlockSize {
		return nil
	}
	return t.store()
}

// end implements reader.
func (t *taking) end(p part) error {
	t.probe.members[p.member] = true
	return nil
}

// store hands on what the decoder has read. It ends between two tokens, so that no
// character is cut.
func (t *taking) store() error {
	end := t.walker.offset()
	text := t.ahead.bytes[:end-t.ahead.start]
	if !utf8.Valid(text) {
		return fmt.Errorf("%w: not UTF-8", ErrSchema)
	}
	if err := t.to.Add(text); err != nil {
		return err
	}
	t.ahead.drop(end)
	return nil
}

func (t *taking) finish() (*payload.Body, error) {
	p := &t.probe
	kind, err := p.kind()
	if err != nil {
		return nil, err
	}
	body := &payload.Body{
		Kind:        kind,
		Namespaces:  p.namespaces,
		Pods:        p.pods,
		Containers:  p.containers,
		ContentType: payload.ContentType,
		Incomplete:  kind == payload.Stocktake && p.incomplete,
		Gaps:        p.gaps,
		Empty:       p.pods+p.containers+p.images == 0,
	}
	t.to.Finish(body)
	return body, nil
}
