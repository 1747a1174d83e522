package collector

import (
	"context"

	"stocktake/collector/compare"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/payload"
)

// inventoryRead is one side of a comparison, in every view that may be needed.
type inventoryRead struct {
	source string // as it was given
	kind   payload.Kind
	from   *payload.Loaded
	views  map[payload.Kind]*compare.Side // as bodies of other kinds would have it
	own    *compare.Side                  // as it is
}

// read reads an inventory. Whether its kind has to give way to that of the other is
// not known yet, so all views of it are kept: the distinct images of each namespace.
func (r *run) read(ctx context.Context, source string, namespaces []string) (*inventoryRead, error) {
	i := &inventoryRead{source: source, views: map[payload.Kind]*compare.Side{}}
	everything, err := r.set.Payload.View(payload.Stocktake)
	if err != nil {
		return nil, err
	}
	i.own = compare.NewSide(everything)
	all := everybody{i.own}
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI} {
		view, err := r.set.Payload.View(kind)
		if err != nil {
			return nil, err
		}
		i.views[kind] = compare.NewSide(view)
		all = append(all, i.views[kind])
	}
	if source == live {
		i.kind = payload.Stocktake // that is how much is known
		i.from, err = r.records(ctx, Query{Namespaces: namespaces}, all)
		return i, err
	}
	if i.from, err = r.readFile(source, all); err != nil {
		return nil, err
	}
	i.kind = i.from.Kind
	return i, nil
}

// readFile reads a saved inventory. That it lacks a namespace is what is asked for
// here, and no error.
func (r *run) readFile(path string, v kube.Visitor) (*payload.Loaded, error) {
	selection, err := r.set.Select.selection()
	if err != nil {
		return nil, err
	}
	from, _, err := r.load(path, filtered{selection, v})
	return from, err
}

// partial reports whether the inventory is known not to be whole.
func (i *inventoryRead) partial() bool { return i.from.Outcome != nil && !i.from.Outcome.Complete }

func (i *inventoryRead) gaps() []inventory.Gap {
	if i.from.Outcome == nil {
		return nil
	}
	return i.from.Outcome.Gaps
}
