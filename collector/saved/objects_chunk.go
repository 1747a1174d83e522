package saved

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"stocktake/collector/payload"
)

// chunkReader reads chunks of objects.
type chunkReader struct {
	each    func(t payload.Type, object []byte) error // may be nil
	schemas map[string]*schema                        // by record
}

// objectChunk is what one chunk says.
type objectChunk struct {
	head    payload.HeadRecord
	types   []payload.TypeRecord
	objects []int // by type, in this chunk
	ended   bool
}

// read reads a chunk to its end.
func (r chunkReader) read(in *lineReader) (*objectChunk, error) {
	c := &objectChunk{}
	before, first := "", in.lines
	for !c.ended {
		line, err := in.next()
		if err != nil {
			return nil, err
		}
		record, err := recordOf(line)
		if err != nil {
			return nil, err
		}
		if !follows(before, record) {
			return nil, fmt.Errorf("%w: the record %.20q after %q", ErrSchema, record, before)
		}
		if err := r.schemas[record].check(bytes.NewReader(line)); err != nil {
			return nil, err
		}
		if err := r.take(c, record, line, in.lines-first); err != nil {
			return nil, err
		}
		before = record
	}
	return c, nil
}

// follows says whether a record may stand after another, which is empty at the start of a
// chunk.
func follows(before, record string) bool {
	order := []string{payload.RecordHead, payload.RecordType, payload.RecordObject, payload.RecordRelease, payload.RecordOwner, payload.RecordEnd}
	const head, typ, object = 0, 1, 2
	was, is := slices.Index(order, before), slices.Index(order, record)
	switch is {
	case -1:
		return false
	case head:
		return was < 0
	case typ:
		return was >= head && was <= object
	case object:
		return was == typ || was == object
	default:
		return was >= head && was <= is
	}
}

// take adds a line, the n-th of the chunk, which has the form of its record.
func (r chunkReader) take(c *objectChunk, record string, line []byte, n int) error {
	switch record {
	case payload.RecordHead:
		return c.takeHead(line)
	case payload.RecordType:
		return c.takeType(line)
	case payload.RecordObject:
		return r.takeObject(c, line)
	case payload.RecordEnd:
		return c.takeEnd(line, n)
	}
	return nil
}

func (c *objectChunk) takeHead(line []byte) error {
	if err := json.Unmarshal(line, &c.head); err != nil {
		return fmt.Errorf("%w: %w", ErrSchema, err)
	}
	if c.head.Chunk > c.head.Chunks {
		return fmt.Errorf("%w: chunk %d of %d", ErrSchema, c.head.Chunk, c.head.Chunks)
	}
	return nil
}

func (c *objectChunk) takeType(line []byte) error {
	var t payload.TypeRecord
	if err := json.Unmarshal(line, &t); err != nil {
		return fmt.Errorf("%w: %w", ErrSchema, err)
	}
	last := len(c.types) - 1
	switch {
	case last >= 0 && c.types[last].Compare(t.Type) >= 0:
		return fmt.Errorf("%w: type %s after type %s", ErrSchema, t.Type, c.types[last].Type)
	case t.Part > t.Parts, t.Parts > t.Objects, (t.Parts == 0) != (t.Objects == 0):
		return fmt.Errorf("%w: type %s: part %d of %d, of %d objects", ErrSchema, t.Type, t.Part, t.Parts, t.Objects)
	case t.Objects > 0 && t.State != payload.Complete:
		return fmt.Errorf("%w: type %s is %s and has objects", ErrSchema, t.Type, t.State)
	case t.State.Missing() && c.head.Complete:
		return fmt.Errorf("%w: type %s is %s where the head says that all is complete", ErrSchema, t.Type, t.State)
	}
	c.types, c.objects = append(c.types, t), append(c.objects, 0)
	return nil
}

func (r chunkReader) takeObject(c *objectChunk, line []byte) error {
	var of struct {
		Object struct{ APIVersion, Kind string }
	}
	if err := json.Unmarshal(line, &of); err != nil {
		return fmt.Errorf("%w: %w", ErrSchema, err)
	}
	last := len(c.types) - 1
	t := c.types[last]
	switch {
	case t.Part == 0:
		return fmt.Errorf("%w: an object of type %s, of which this chunk has no part", ErrSchema, t.Type)
	case of.Object.Kind != t.Kind || of.Object.APIVersion != t.APIVersion():
		return fmt.Errorf("%w: a %.80s of %.80s among those of type %s", ErrSchema, of.Object.Kind, of.Object.APIVersion, t.Type)
	}
	c.objects[last]++
	if r.each == nil {
		return nil
	}
	object, err := objectOf(line)
	if err != nil {
		return err
	}
	return r.each(t.Type, object)
}

// objectOf takes the object out of its record. It is looked for in the form that we write,
// which is quicker than to read it once more.
func objectOf(line []byte) ([]byte, error) {
	const before, after = `{"record":"` + payload.RecordObject + `","object":`, "}"
	if rest, ok := bytes.CutPrefix(line, []byte(before)); ok && bytes.HasSuffix(rest, []byte(after)) {
		return rest[:len(rest)-len(after)], nil // no member follows: the schema has no other
	}
	var record struct{ Object json.RawMessage }
	if err := json.Unmarshal(line, &record); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return record.Object, nil
}

func (c *objectChunk) takeEnd(line []byte, n int) error {
	var end payload.EndRecord
	if err := json.Unmarshal(line, &end); err != nil {
		return fmt.Errorf("%w: %w", ErrSchema, err)
	}
	if end.Lines != n {
		return fmt.Errorf("%w: %d lines, where the end says %d", ErrSchema, n, end.Lines)
	}
	complete := true
	for i, t := range c.types {
		complete = complete && !t.State.Missing()
		if t.Part > 0 && c.objects[i] == 0 {
			return fmt.Errorf("%w: part %d of type %s has no object", ErrSchema, t.Part, t.Type)
		}
	}
	if complete != c.head.Complete {
		return fmt.Errorf("%w: the head says that the run is not complete, and all types are", ErrSchema)
	}
	c.ended = true
	return nil
}

// lineReader reads lines of any length up to a limit.
type lineReader struct {
	in    *bufio.Reader
	long  []byte
	lines int // so far
}

// maxLine is longer than an object can be that the API server takes.
const maxLine = 64 << 20

// next returns the next line without its end. It is valid until the next call.
func (r *lineReader) next() ([]byte, error) {
	r.lines++
	line, err := r.in.ReadSlice('\n')
	for r.long = r.long[:0]; errors.Is(err, bufio.ErrBufferFull); line, err = r.in.ReadSlice('\n') {
		if r.long = append(r.long, line...); len(r.long) > maxLine {
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrSchema, maxLine)
		}
	}
	if err != nil {
		return nil, asSchemaFault(unexpectedEnd(err))
	}
	if len(r.long) > 0 {
		r.long = append(r.long, line...)
		line = r.long
	}
	return bytes.TrimSuffix(line, []byte("\n")), nil
}

// atEnd reports whether nothing follows.
func (r *lineReader) atEnd() bool {
	_, err := r.in.Peek(1)
	return errors.Is(err, io.EOF)
}

// recordOf is the value of the member record.
func recordOf(line []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return "", fmt.Errorf("%w: not a JSON object", ErrSchema)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", asSchemaFault(unexpectedEnd(err))
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return "", asSchemaFault(unexpectedEnd(err))
		}
		if key != "record" {
			continue
		}
		var record string
		_ = json.Unmarshal(value, &record) // no text is no record
		return record, nil
	}
	return "", fmt.Errorf("%w: record is missing", ErrSchema)
}
