package payload

import (
	"errors"
	"fmt"
	"sync"
)

// ObjectWriter makes bodies of whole objects, of the kinds that are Chunked, while the
// objects arrive. Types may be written side by side; their order in the bodies is that of
// their names, and within a type that of arrival. Nothing of a type is in a body unless the
// type ended as Complete. In memory are up to BlockSize of each type that is being written,
// one compressor for all, and what the spool may hold there.
type ObjectWriter struct {
	kind             Kind
	head             Head
	form             framing
	chunk            int // bytes
	store            *lineStore
	releases, owners stream

	mu     sync.Mutex // of what follows
	types  []*TypeWriter
	known  map[Type]bool
	closed bool
}

// NewObjectWriter returns a writer of bodies of one kind, which must be discarded. Of the head
// it needs the cluster, the run and the time; of the options of inventories those of the spool.
func NewObjectWriter(kind Kind, head Head, o ObjectOptions, spooling Options) (*ObjectWriter, error) {
	form, err := framingOf(kind)
	if err != nil {
		return nil, err
	}
	if head.Run == "" {
		return nil, errors.New("payload: chunks need the name of their run")
	}
	if kind == Infralight || kind == InfralightTrees {
		head.Run = head.FetchingID()
	}
	if o, err = o.checked(); err != nil {
		return nil, err
	}
	if spooling, err = spooling.checked(); err != nil {
		return nil, err
	}
	p, err := newCompressor(&spool{dir: spooling.SpoolDir, limit: int64(spooling.SpoolMemory)})
	if err != nil {
		return nil, err
	}
	chunk := int(o.ChunkBytes)
	if form.most > 0 {
		chunk = min(chunk, form.most)
	}
	store := &lineStore{block: min(BlockSize, chunk/4), between: form.between, compressor: p}
	return &ObjectWriter{kind: kind, head: head, form: form, chunk: chunk, store: store, known: map[Type]bool{}}, nil
}

// TypeWriter takes the objects of one type. It is for one goroutine; several may write
// at the same time.
type TypeWriter struct {
	of     *ObjectWriter
	stream stream
	record TypeRecord
	before string // each object
	ended  bool
}

// Open makes a type known, once. Every type that somebody asked for is opened and ended, also
// one that cannot be read: bodies name them all.
func (o *ObjectWriter) Open(t Type) (*TypeWriter, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return nil, errClosed
	case o.known[t]:
		return nil, fmt.Errorf("payload: type %s is written twice", t)
	}
	o.known[t] = true
	w := &TypeWriter{of: o, record: TypeRecord{Record: RecordType, Type: t}, before: o.form.before(t)}
	o.types = append(o.types, w)
	return w, nil
}

// Object takes one object: JSON that is ready to be sent, with kind and apiVersion. Nothing of
// it is kept.
func (w *TypeWriter) Object(object []byte) error {
	if w.ended {
		return fmt.Errorf("payload: an object of type %s after its end", w.record.Type)
	}
	if err := w.of.store.add(&w.stream, w.before, object, w.of.form.after); err != nil {
		return fmt.Errorf("%s: %w", w.record.Type, err)
	}
	return nil
}

// Keep makes the objects that came since the last Keep or Drop part of the type: those of a
// namespace that was read to its end.
func (w *TypeWriter) Keep() { w.stream.keep() }

// Restart forgets all objects of the type, which come again.
func (w *TypeWriter) Restart() {
	w.stream.forget()
	w.of.store.drop(&w.stream)
}

// Drop forgets them: they will come again, or the type will not be complete.
func (w *TypeWriter) Drop() { w.of.store.drop(&w.stream) }

// End says what became of the type. What is complete must have been kept; of everything
// else no object remains. Call it as soon as it is known: until then the text that is not
// compressed yet is held in memory.
func (w *TypeWriter) End(end TypeEnd) error {
	if w.ended {
		return fmt.Errorf("payload: type %s has ended", w.record.Type)
	}
	if end.State == Complete && !w.stream.isKept() {
		return fmt.Errorf("payload: type %s is complete, and its last objects were not kept", w.record.Type)
	}
	w.ended = true
	w.record.State, w.record.Level = end.State, end.Level
	w.record.ResourceVersion, w.record.Consistency, w.record.Redacted = end.ResourceVersion, end.Consistency, end.Redacted
	if end.State != Complete {
		w.record.Redacted = Redacted{}
		w.Restart()
	}
	return w.of.store.finish(&w.stream)
}

// Release takes what is known of one Helm release: JSON that is ready to be sent. It is for
// one goroutine. Only bodies of the kind Objects have a place for it.
func (o *ObjectWriter) Release(release []byte) error {
	if !o.form.lines {
		return nil
	}
	return o.store.add(&o.releases, `{"record":"`+RecordRelease+`","release":`, release, "}\n")
}

// Owner takes the owner of one object. It is for one goroutine. Only bodies of the kind
// Objects have a place for it.
func (o *ObjectWriter) Owner(r OwnerRecord) error {
	if !o.form.lines {
		return nil
	}
	var room [256]byte
	return o.store.add(&o.owners, "", r.append(room[:0]), "\n")
}

// Discard gives back the memory and the temporary file. The bodies cannot be read any more.
// It may be called at any time, and again.
func (o *ObjectWriter) Discard() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.types = nil
	o.store.compressor.spool.close()
}
