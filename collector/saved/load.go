package saved

import (
	"errors"
	"fmt"
	"io"

	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// Load reads bodies that were built earlier, as Bodies does, and gives their records
// back to a visitor, as far as the kind knows them:
//
//   - stocktake: everything.
//   - anchore: pods without phase and owner, and containers without kind and state.
//     An image has the name as it was written and one digest; where the digest was
//     found is not known, and is given as the status. What the body does not name
//     was left out when it was made (see payload.Reason).
//   - kai: no pods. Each namespace has one pod without a name, whose containers, which
//     have no name either, are the images.
//
// The bodies of other programs are read as these write them: members that are not known
// are ignored, null is an empty list, and what a receiver would refuse is no fault here.
// Of the native body a version that is not known is refused; members that were added to
// the known one are ignored.
//
// The settings undo what they did to names: the tag of an image that has only a
// digest is taken away again. Several bodies, the batches or accounts of one run,
// give one inventory; a namespace that went to several accounts is visited once.
//
// A body of the kinds stocktake and kai is read in one pass and never held; what is
// held are its namespaces, nodes and distinct images. A body of the kind anchore has
// its containers before the pods to which they belong, so the records of one body are
// held at a time, names and images once: about a kilobyte for a pod with two
// containers. An error wraps ErrSchema, unless it is that of the reader or of the
// visitor; the visitor may have seen a part by then.
func Load(r io.Reader, o payload.Options, v inventory.Visitor) (*Loaded, error) {
	inserted, err := o.Inserted()
	if err != nil {
		return nil, err
	}
	plain, err := unpacked(r)
	if err != nil {
		return nil, fmt.Errorf("read saved body 1: %w", err)
	}
	l := &loader{gathered: newGathered(v, inserted)}
	if err := l.all(newWalker(plain)); err != nil {
		return nil, fmt.Errorf("read saved body %d: %w", len(l.times)+1, err)
	}
	return &l.loaded, nil
}

// all reads one body after the other.
func (l *loader) all(w *walker) error {
	for {
		err := w.open()
		if errors.Is(err, io.EOF) && len(l.times) > 0 {
			return nil
		}
		if err != nil {
			return asSchemaFault(err)
		}
		l.begin()
		if err := w.members(l); err != nil {
			return l.named(err)
		}
		if err := l.finish(); err != nil {
			return l.named(err)
		}
	}
}

// named puts the kind of the body before an error, once it is known, unless the
// error is the visitor's.
func (l *loader) named(err error) error {
	switch {
	case errors.As(err, new(visitorError)):
		return err
	case l.kind == "":
		return asSchemaFault(err)
	}
	return fmt.Errorf("of kind %s: %w", l.kind, asSchemaFault(err))
}
