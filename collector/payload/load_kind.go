package payload

import (
	"fmt"

	"stocktake/collector/image"
)

// value takes a value once the kind of the body is known.
func (l *loader) value(p part) error {
	if l.kind != "" {
		return l.settle(p)
	}
	kind, neutral := kindBy(p.member)
	switch {
	case l.strange(p.member):
		return nil
	case neutral && p.open != '[':
		l.early = append(l.early, p)
		return nil
	}
	if err := l.recognise(kind); err != nil {
		return err
	}
	for _, earlier := range l.early {
		if err := l.settle(earlier); err != nil {
			return err
		}
	}
	return l.settle(p)
}

// kindBy recognises a kind by a member, or says that bodies of several kinds have it.
// All bodies that name nodes and pods before anything of the native one are Anchore's.
func kindBy(member string) (kind Kind, neutral bool) {
	switch member {
	case "format", "cluster", "run", "gaps", "images":
		return Stocktake, false
	case "inventory_type", "results":
		return KAI, false
	case "containers", "namespaces", "nodes", "pods":
		return Anchore, false
	case "cluster_name", "timestamp", "serverVersionMetadata":
		return "", true
	}
	return "", false
}

// recognise settles what kind the body is of.
func (l *loader) recognise(kind Kind) error {
	switch {
	case kind == "":
		return errNoInventory
	case len(l.times) > 0 && kind != l.loaded.Kind:
		return fmt.Errorf("%w: it is of the kind %s, those before it are of the kind %s", ErrSchema, kind, l.loaded.Kind)
	}
	var err error
	if l.schema, err = schemaOf(kind); err != nil {
		return err
	}
	l.kind, l.loaded.Kind = kind, kind
	switch kind {
	case Stocktake:
		l.form = &nativeForm{loader: l, expect: map[string]int{}, begun: map[string]bool{}}
	case KAI:
		l.form = &kaiForm{loader: l, known: map[kaiImage]image.Image{}}
	case Anchore:
		l.form = newAnchoreForm(l)
	}
	return nil
}
