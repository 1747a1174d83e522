package tree

import (
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"stocktake/collector/payload"
)

// buckets sort objects by the roots of their trees: all of a tree are in the same one.
type buckets struct {
	owned  map[key]ownership
	owning map[key]bool // the roots
	writer *payload.ObjectWriter
	all    []*payload.TypeWriter
}

type ownership struct{ owner, root key }

// How much there is to be in a bucket, as long as there are not more than the most of them.
// While objects are sorted, a quarter of chunkBytes of each bucket is in memory.
const (
	bucketBytes = 2 << 20
	mostBuckets = 64
	chunkBytes  = 256 << 10
)

// newBuckets returns those for so many bytes of objects.
func newBuckets(head payload.Head, owners iter.Seq[payload.OwnerRecord], size int64, spooling payload.Options) (*buckets, error) {
	w, err := payload.NewObjectWriter(payload.K8sCollector, head, payload.ObjectOptions{ChunkBytes: chunkBytes}, spooling)
	if err != nil {
		return nil, err
	}
	b := &buckets{owned: map[key]ownership{}, owning: map[key]bool{}, writer: w}
	for i := range min(1+size/bucketBytes, mostBuckets) {
		one, err := w.Open(payload.Type{Resource: fmt.Sprintf("bucket-%02d", i)})
		if err != nil {
			return nil, err
		}
		b.all = append(b.all, one)
	}
	for r := range owners {
		if r.Root != "" && r.Root != r.UID { // it is in no cycle, and its owner is there
			b.owned[keyOf(r.UID)] = ownership{keyOf(r.Owner), keyOf(r.Root)}
			b.owning[keyOf(r.Root)] = true
		}
	}
	return b, nil
}

// sorted is an object in a bucket.
type sorted struct {
	UID   string          `json:"uid"`
	Owner []byte          `json:"owner,omitempty"` // a key; of a root there is none
	Root  []byte          `json:"root"`
	Item  json.RawMessage `json:"item,omitempty"`
}

// put puts an object into the bucket of its root, if it belongs to a tree.
func (b *buckets) put(item json.RawMessage) error {
	o, err := readObject(item)
	if err != nil {
		return err
	}
	s := sorted{UID: o.uid} // the object follows as it is
	self := keyOf(s.UID)
	of, owned := b.owned[self]
	switch {
	case owned:
		s.Owner = of.owner[:]
	case b.owning[self], standsAlone(o.kind):
		of.root = self
	default:
		return nil
	}
	s.Root = of.root[:]
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	text = append(text[:len(text)-1], `,"item":`...)
	return b.all[b.of(s.Root)].Object(append(append(text, item...), '}'))
}

// of is the bucket of a root.
func (b *buckets) of(root []byte) int { return int(root[0]) % len(b.all) }

// each empties the buckets, and calls the function with every tree.
func (b *buckets) each(grown func(root *node) error) error {
	bodies, err := b.close()
	if err != nil {
		return err
	}
	var held nodes
	last := 0
	take := func(item json.RawMessage) error {
		var s sorted
		if err := json.Unmarshal(item, &s); err != nil {
			return err
		}
		if at := b.of(s.Root); at != last {
			if err := held.each(grown); err != nil {
				return err
			}
			held, last = nil, at
		}
		held = append(held, &node{uid: s.UID, owner: s.Owner, item: s.Item})
		return nil
	}
	for _, body := range bodies {
		if err := eachItem(body, take); err != nil {
			return err
		}
	}
	return held.each(grown)
}

// close returns what is in the buckets, one behind the other in their order.
func (b *buckets) close() ([]*payload.Body, error) {
	for _, one := range b.all {
		one.Keep()
		if err := one.End(payload.TypeEnd{State: payload.Complete}); err != nil {
			return nil, err
		}
	}
	return b.writer.Close("", time.Time{}) // nobody else reads them
}
