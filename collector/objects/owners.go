package objects

import (
	"fmt"
	"sync"

	"stocktake/collector/object"
	"stocktake/collector/payload"
)

// owners are the chains of owners of all objects.
type owners struct {
	mu    sync.Mutex
	index object.Index
}

// add adds an object, as a filter has passed it. Nil takes none.
func (o *owners) add(line []byte) error {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.index.Add(line)
}

// write writes a line for each object that has an owner into all bodies.
func (o *owners) write(to []*payload.ObjectWriter) error {
	if o == nil {
		return nil
	}
	for owned := range o.index.Owned() {
		r := payload.OwnerRecord{UID: owned.UID, Owner: owned.Owner, Root: owned.Root, State: owned.State.String()}
		for _, w := range to {
			if err := w.Owner(r); err != nil {
				return fmt.Errorf("owners: %w", err)
			}
		}
	}
	return nil
}
