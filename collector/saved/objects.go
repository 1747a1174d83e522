package saved

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"stocktake/collector/payload"
)

// ErrPartial reports that not all chunks of a run are there.
var ErrPartial = errors.New("not all chunks are there")

// Objects are the chunks of a run that were read, of the kind payload.Objects. What they say
// holds once Whole has nothing to say against it.
type Objects struct {
	Head  payload.HeadRecord   // of the chunk that was read last
	Types []payload.TypeRecord // with the parts of that chunk

	reader  chunkReader
	chunks  map[int]bool // that were read to their end
	counted []typeCount  // by type
}

// typeCount is what was seen of a type.
type typeCount struct {
	objects int
	chunkOf map[int]int // by part
}

// NewObjects returns one to which nothing was read. Each is told of every object, which is
// valid during the call, before it is known whether its chunk is sound; it may be nil.
func NewObjects(each func(t payload.Type, object []byte) error) (*Objects, error) {
	all, err := readSchema(payload.ObjectsSchema())
	if err != nil {
		return nil, err
	}
	for _, s := range all.Defs {
		if err := s.link(all.Defs); err != nil {
			return nil, err
		}
	}
	return &Objects{reader: chunkReader{each: each, schemas: all.Defs}, chunks: map[int]bool{}}, nil
}

// Read reads one chunk or several behind one another, compressed or not, in any order. An
// error means that the chunk at hand has to be forgotten; those before it were sound.
func (o *Objects) Read(r io.Reader) error {
	plain, err := unpacked(r)
	if err != nil {
		return err
	}
	in := &lineReader{in: bufio.NewReaderSize(plain, 64<<10)}
	for {
		c, err := o.reader.read(in)
		if err == nil {
			err = o.add(c)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", in.lines, err)
		}
		if in.atEnd() {
			return nil
		}
	}
}

// Whole returns nil when every chunk of the run is there and they are what they say
// of one another.
func (o *Objects) Whole() error {
	if len(o.chunks) == 0 || len(o.chunks) < o.Head.Chunks {
		return fmt.Errorf("%w: %d of %d", ErrPartial, len(o.chunks), o.Head.Chunks)
	}
	objects := 0
	for i, t := range o.Types {
		if err := o.counted[i].check(t); err != nil {
			return fmt.Errorf("%w: type %s: %w", ErrSchema, t.Type, err)
		}
		objects += t.Objects
	}
	if objects != o.Head.Objects {
		return fmt.Errorf("%w: %d objects in all types, where the head says %d", ErrSchema, objects, o.Head.Objects)
	}
	return nil
}

func (c *typeCount) check(t payload.TypeRecord) error {
	if c.objects != t.Objects {
		return fmt.Errorf("%d objects, where it says %d", c.objects, t.Objects)
	}
	if len(c.chunkOf) != t.Parts {
		return fmt.Errorf("%d parts, where it says %d", len(c.chunkOf), t.Parts)
	}
	for part := 1; part < t.Parts; part++ {
		if c.chunkOf[part] >= c.chunkOf[part+1] {
			return fmt.Errorf("part %d comes after part %d", part, part+1)
		}
	}
	return nil
}

// add makes a sound chunk part of the run.
func (o *Objects) add(c *objectChunk) error {
	if o.counted == nil {
		o.counted = make([]typeCount, len(c.types))
	} else if err := o.sameRun(c); err != nil {
		return fmt.Errorf("%w: chunk %d: %w", ErrSchema, c.head.Chunk, err)
	}
	o.Head, o.Types = c.head, c.types
	o.chunks[c.head.Chunk] = true
	for i, t := range c.types {
		if t.Part == 0 {
			continue
		}
		count := &o.counted[i]
		count.objects += c.objects[i]
		if count.chunkOf == nil {
			count.chunkOf = map[int]int{}
		}
		count.chunkOf[t.Part] = c.head.Chunk
	}
	return nil
}

// sameRun compares a chunk with the one before: they differ in their numbers alone.
func (o *Objects) sameRun(c *objectChunk) error {
	head := c.head
	head.Chunk = o.Head.Chunk
	switch {
	case head.Run != o.Head.Run:
		return fmt.Errorf("it is of the run %q, the others of %q", head.Run, o.Head.Run)
	case head != o.Head:
		return errors.New("its head says something else than that of another chunk")
	case o.chunks[c.head.Chunk]:
		return errors.New("it came before")
	case len(c.types) != len(o.Types):
		return fmt.Errorf("it names %d types, another %d", len(c.types), len(o.Types))
	}
	for i, t := range c.types {
		t.Part = o.Types[i].Part
		if t != o.Types[i] {
			return fmt.Errorf("it says of type %s something else than another chunk", t.Type)
		}
	}
	return nil
}
