// Package tree puts objects below those that own them, as the service Infralight takes them
// beside the objects themselves.
//
// The objects are read from the pages that were made of them, and the owners were found
// before, so a tree holds nothing that is not in the pages: what was masked there is masked here.
// Trees are whole documents, and an object may have its owner in any other page. So the objects
// are sorted by the roots of their trees first, into buckets on the disk. One bucket at
// a time is in memory, and of every object that has an owner forty-eight bytes.
package tree

import (
	"fmt"
	"iter"

	"stocktake/collector/payload"
)

// Most is how large a tree may be, in bytes: the service's own collector sends none that is
// larger.
const Most = 1500 << 10

// Trees are those of the objects of a run, in pages of the kind payload.InfralightTrees, which
// can be read until the trees are discarded.
type Trees struct {
	Pages    []*payload.Body
	TooLarge []string // those of more than Most bytes, which are in no page, as KIND NAMESPACE/NAME

	writer *payload.ObjectWriter
}

// New makes the trees of the objects in pages of the kind payload.Infralight, which must be
// discarded. An object is below its owner if that was found. One that neither owns nor is
// owned is no tree, unless it is an Ingress or a Provisioner. Of the head it needs what the
// pages were made with.
func New(head payload.Head, pages []*payload.Body, owners iter.Seq[payload.OwnerRecord], spooling payload.Options) (*Trees, error) {
	b, err := newBuckets(head, owners, sizeOf(pages), spooling)
	if err != nil {
		return nil, fmt.Errorf("trees: %w", err)
	}
	defer b.writer.Discard()
	w, err := payload.NewObjectWriter(payload.InfralightTrees, head, payload.ObjectOptions{}, spooling)
	if err != nil {
		return nil, fmt.Errorf("trees: %w", err)
	}
	t := &Trees{writer: w}
	if err := t.fill(head, pages, b); err != nil {
		w.Discard()
		return nil, fmt.Errorf("trees: %w", err)
	}
	return t, nil
}

// Discard gives back the memory and the temporary file.
func (t *Trees) Discard() { t.writer.Discard() }

func sizeOf(pages []*payload.Body) (size int64) {
	for _, page := range pages {
		size += page.Size()
	}
	return size
}

func (t *Trees) fill(head payload.Head, pages []*payload.Body, b *buckets) error {
	for _, page := range pages {
		if err := eachItem(page, b.put); err != nil {
			return err
		}
	}
	all, err := t.writer.Open(payload.Type{Resource: "trees"})
	if err != nil {
		return err
	}
	err = b.each(func(root *node) error {
		text := root.append(nil)
		if len(text) > Most {
			t.TooLarge = append(t.TooLarge, root.name())
			return nil
		}
		return all.Object(text)
	})
	if err != nil {
		return err
	}
	all.Keep()
	if err := all.End(payload.TypeEnd{State: payload.Complete}); err != nil {
		return err
	}
	t.Pages, err = t.writer.Close(head.ClusterUID, head.Time)
	return err
}
