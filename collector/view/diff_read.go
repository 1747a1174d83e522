package view

import (
	"context"

	"stocktake/collector"
	"stocktake/collector/compare"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
)

// live stands for the cluster in the place of a file.
const live = "live"

// inventoryRead is one side of a comparison, in every view that may be needed.
type inventoryRead struct {
	source string // as it was given
	kind   payload.Kind
	from   collector.Inventory
	ofKAI  bool                           // KAI itself wrote it
	ofRun  bool                           // it is of the history
	views  map[payload.Kind]*compare.Side // as bodies of a kind would have it; as it is, under Stocktake
}

// readSide reads an inventory. Whether its kind has to give way to that of the other is
// not known yet, so all views of it are kept: the distinct images of each namespace.
func readSide(ctx context.Context, s *collector.Session, source string, namespaces []string) (*inventoryRead, error) {
	i := &inventoryRead{source: source, views: map[payload.Kind]*compare.Side{}}
	var all inventory.Tee
	for _, kind := range []payload.Kind{payload.Stocktake, payload.Anchore, payload.KAI} {
		view, err := saved.ViewOf(kind, s.Settings.Payload)
		if err != nil {
			return nil, err
		}
		i.views[kind] = compare.NewSide(compare.View(view))
		all = append(all, i.views[kind])
	}
	var err error
	switch {
	case source == live:
		i.kind = payload.Stocktake // that is how much is known
		i.from, err = collector.Read(ctx, s, collector.Query{Namespaces: namespaces}, all)
	case isMoment(source):
		i.kind, i.ofRun = payload.Stocktake, true // as much is known of images
		i.from, err = asOf(ctx, s, source, all)
	default:
		err = i.readFile(s, all)
	}
	if err != nil {
		return nil, err
	}
	for _, side := range i.views {
		side.Detail, side.OnlyContainers = detailOf(i.kind), i.ofKAI
		side.SetNodes(i.from.Cluster.Nodes)
	}
	return i, nil
}

// detailOf is how much inventories of a kind tell.
func detailOf(kind payload.Kind) compare.Detail {
	switch kind {
	case payload.Anchore:
		return compare.Containers
	case payload.KAI:
		return compare.Images
	case payload.Stocktake:
	case payload.Objects, payload.K8sCollector, payload.Infralight, payload.InfralightTrees: // they hold no inventory
	}
	return compare.Everything
}

// as returns the inventory as one of another kind could have it. Of less than
// everything nothing more can be made.
func (i *inventoryRead) as(kind payload.Kind) *compare.Side {
	if i.kind == payload.Stocktake {
		return i.views[kind]
	}
	return i.views[payload.Stocktake]
}

// readFile reads a saved inventory.
func (i *inventoryRead) readFile(s *collector.Session, v inventory.Visitor) error {
	loaded, err := readSaved(s, i.source, v)
	if err != nil {
		return err
	}
	i.kind, i.ofKAI, i.from = loaded.Kind, loaded.OfKAI, collector.Inventory{Cluster: loaded.Cluster, Outcome: loaded.Outcome}
	return nil
}

// readSaved reads what the settings select of a saved inventory. That it lacks a
// namespace is what is asked for here, and no error.
func readSaved(s *collector.Session, path string, v inventory.Visitor) (*saved.Loaded, error) {
	selection, err := s.Settings.Select.Selection()
	if err != nil {
		return nil, err
	}
	loaded, _, err := collector.ReadSaved(s, path, inventory.Filter{Visitor: v, Namespaces: selection.Match})
	return loaded, err
}

// partial reports whether the inventory is known not to be whole.
func (i *inventoryRead) partial() bool { return i.from.Outcome != nil && !i.from.Outcome.Complete }

func (i *inventoryRead) gaps() []inventory.Gap {
	if i.from.Outcome == nil {
		return nil
	}
	return i.from.Outcome.Gaps
}
