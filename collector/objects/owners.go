package objects

import (
	"fmt"
	"iter"
	"sync"

	"stocktake/collector/object"
	"stocktake/collector/payload"
)

// owners are the chains of owners of all objects.
type owners struct {
	mu    sync.Mutex
	index object.Index
}

// hold adds an object, as a filter has passed it, to a batch. Nil takes none.
func (o *owners) hold(b *object.Batch, line []byte) error {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.index.Hold(b, line)
}

// take adds the objects of a type that is complete. Nil takes none.
func (o *owners) take(b *object.Batch) {
	if o != nil {
		o.index.Take(b)
	}
}

// records are the objects that have an owner, once all objects were added. Nil has none.
func (o *owners) records() iter.Seq[payload.OwnerRecord] {
	return func(yield func(payload.OwnerRecord) bool) {
		if o == nil {
			return
		}
		for owned := range o.index.Owned() {
			if !yield(payload.OwnerRecord{UID: owned.UID, Owner: owned.Owner, Root: owned.Root, State: owned.State.String()}) {
				return
			}
		}
	}
}

// write writes a line for each object that has an owner into all bodies.
func write(records iter.Seq[payload.OwnerRecord], to []*payload.ObjectWriter) error {
	for r := range records {
		for _, w := range to {
			if err := w.Owner(r); err != nil {
				return fmt.Errorf("owners: %w", err)
			}
		}
	}
	return nil
}
