package payload

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// ErrMissing is the refusal to make bodies that would hide that objects are missing.
var ErrMissing = errors.New("it cannot be said what is missing")

// Close makes the bodies: all chunks of the run, in order, each with its number and that of
// all; without an object there is one, or none for Infralight. They can be read until the
// writer is discarded. The UID of the cluster, empty where it is not known, may be one that
// only the objects told.
func (o *ObjectWriter) Close(clusterUID string, ended time.Time) ([]*Body, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil, errClosed
	}
	o.closed, o.head.ClusterUID = true, clusterUID
	if err := o.settle(); err != nil {
		return nil, err
	}
	head := o.headRecord(ended)
	fixed, err := o.fixedSize(head)
	if err != nil {
		return nil, err
	}
	chunks := o.pack(max(o.chunk-fixed, o.store.block))
	if o.form.some && chunks[0].size == 0 {
		return nil, nil
	}
	head.Chunks = len(chunks)
	bodies := make([]*Body, len(chunks))
	for i, c := range chunks {
		head.Chunk = i + 1
		if bodies[i], err = o.body(head, c); err != nil {
			return nil, fmt.Errorf("chunk %d of %d: %w", head.Chunk, head.Chunks, err)
		}
	}
	return bodies, nil
}

// Types returns the records of all types, in their order in the bodies, for those who count.
// It may be called after Close.
func (o *ObjectWriter) Types() []TypeRecord {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]TypeRecord, len(o.types))
	for i, w := range o.types {
		all[i] = w.record
	}
	return all
}

// settle puts the types in order and ends what follows them.
func (o *ObjectWriter) settle() error {
	slices.SortFunc(o.types, func(a, b *TypeWriter) int { return a.record.Compare(b.record.Type) })
	for _, w := range o.types {
		switch {
		case !w.ended:
			return fmt.Errorf("payload: closed before type %s has ended", w.record.Type)
		case w.record.State.Missing() && !o.form.lines:
			return fmt.Errorf("%w in bodies of the kind %s: type %s is %s", ErrMissing, o.kind, w.record.Type, w.record.State)
		}
		w.record.Objects = w.stream.lines()
	}
	for _, s := range []*stream{&o.releases, &o.owners} {
		s.keep()
		if err := o.store.finish(s); err != nil {
			return err
		}
	}
	return nil
}

func (o *ObjectWriter) headRecord(ended time.Time) HeadRecord {
	head := HeadRecord{
		Record: RecordHead, Schema: ObjectsFormat, Cluster: o.head.Cluster, ClusterUID: o.head.ClusterUID, Run: o.head.Run,
		Began: stamp(o.head.Time), Ended: stamp(ended), Complete: true,
	}
	for _, w := range o.types {
		head.Objects += w.record.Objects
		head.Complete = head.Complete && !w.record.State.Missing()
	}
	return head
}

// fixedSize is what every chunk has besides segments, at most. Numbers count as the
// longest there are: where a chunk ends must not depend on them.
func (o *ObjectWriter) fixedSize(head HeadRecord) (int, error) {
	const number = math.MaxInt32
	head.Chunk, head.Chunks, head.Objects = number, number, number
	text, err := o.form.head(head)
	size := len(text)
	for _, w := range o.types {
		record := w.record
		record.Part, record.Parts, record.Objects, record.Redacted = number, number, number, Redacted{number, number, number, number}
		if record.ResourceVersion != "" {
			record.ResourceVersion = strconv.Itoa(math.MaxInt64)
		}
		line, lineErr := o.form.typ(record)
		size, err = size+len(line), cmp.Or(err, lineErr)
	}
	text, endErr := o.form.end(EndRecord{Record: RecordEnd, Lines: number})
	return size + len(text), cmp.Or(err, endErr)
}

// chunk is what a body holds of each stream: the first are those of the types.
type chunk struct {
	parts []part
	size  int // bytes of the segments
}

// part is what a chunk holds of one stream.
type part struct {
	stream   int
	number   int // of the parts of this stream, from 1
	segments []lines
}

// streams are those of the types, in order, then those that have no type.
func (o *ObjectWriter) streams() []*stream {
	all := make([]*stream, 0, len(o.types)+2)
	for _, w := range o.types {
		all = append(all, &w.stream)
	}
	return append(all, &o.releases, &o.owners)
}

// pack puts all segments in chunks, in their order, as many as there is room for in each. A
// segment that is larger than that has a chunk of its own.
func (o *ObjectWriter) pack(room int) []chunk {
	chunks := []chunk{{}}
	for i, s := range o.streams() {
		number := 0
		for j, l := range s.sealed {
			last := &chunks[len(chunks)-1]
			size := len(o.form.between) + int(l.plain)
			isFirst := j == 0
			if last.size > 0 && last.size+size > room {
				chunks = append(chunks, chunk{})
				last, isFirst = &chunks[len(chunks)-1], true
			}
			if isFirst {
				number++
				last.parts = append(last.parts, part{stream: i, number: number})
			}
			p := &last.parts[len(last.parts)-1]
			p.segments = append(p.segments, l)
			last.size += size
		}
		if i < len(o.types) {
			o.types[i].record.Parts = number
		}
	}
	return chunks
}

// body puts the records around the segments of a chunk.
func (o *ObjectWriter) body(head HeadRecord, c chunk) (*Body, error) {
	w := chunkText{compressor: o.store.compressor, between: o.form.between}
	w.record(o.form.head(head))
	for i, t := range o.types {
		here, record := c.take(i), t.record
		record.Part = here.number
		w.record(o.form.typ(record))
		w.add(here.segments)
	}
	for i := range 2 {
		w.add(c.take(len(o.types) + i).segments)
	}
	w.record(o.form.end(EndRecord{Record: RecordEnd, Lines: w.records + w.lines + 1}))
	if w.err = cmp.Or(w.err, w.compressor.seal(&w.text)); w.err != nil {
		return nil, w.err
	}
	body := &Body{
		Kind: o.kind, ContentType: o.form.contentType,
		Chunk: head.Chunk, Chunks: head.Chunks, Key: head.Run + "-" + strconv.Itoa(head.Chunk),
	}
	body.assemble(w.compressor.spool, w.text.sealed)
	return body, nil
}

// take returns the part of a stream, empty if there is none. Streams come in their order.
func (c *chunk) take(stream int) part {
	if len(c.parts) == 0 || c.parts[0].stream != stream {
		return part{}
	}
	first := c.parts[0]
	c.parts = c.parts[1:]
	return first
}

// chunkText is the text of a chunk while it is put together.
type chunkText struct {
	compressor *compressor
	between    string
	text       text
	records    int
	lines      int // of segments
	err        error
}

// record appends a line, or notes why there is none.
func (w *chunkText) record(line []byte, err error) {
	w.err = cmp.Or(w.err, err)
	w.text.tail = append(w.text.tail, line...)
	w.records++
}

func (w *chunkText) add(segments []lines) {
	for _, l := range segments {
		if w.lines > 0 {
			w.text.tail = append(w.text.tail, w.between...)
		}
		w.err = cmp.Or(w.err, w.compressor.join(&w.text, &text{sealed: []segment{l.segment}, packed: l.plain}))
		w.lines += l.count
	}
}
