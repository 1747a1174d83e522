package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/metrics"
	"stocktake/collector/report"
)

// pods passes every pod once to all who want to see it.
func (r *run) pods(ctx context.Context) error {
	defer r.progress.during()()
	err := r.readPods(ctx)
	if err == nil && r.listing.Items == 0 && r.summary.complete() && !r.set.Run.AllowEmpty {
		return fmt.Errorf("%w: not one pod in %s: an empty inventory is not delivered unless allow-empty=true", errEmpty, r.whatWasRead())
	}
	return err
}

// whatWasRead says where pods were looked for.
func (r *run) whatWasRead() string {
	if _, only := r.selection.named(); only {
		return "the namespaces that are named"
	}
	return "the whole cluster"
}

// readPods reads the namespaces that are named one by one, and otherwise the whole
// cluster in one listing, if the API server lists in an order that allows it.
func (r *run) readPods(ctx context.Context) error {
	if _, only := r.selection.named(); only || r.unordered {
		return r.readNamespaces(ctx, r.head.Namespaces)
	}
	visitor := r.onlyKnown(r.visitor())
	listing, err := r.cluster.Pods(ctx, visitor)
	if errors.Is(err, kube.ErrUnordered) && ctx.Err() == nil {
		return r.readUnordered(ctx, err)
	}
	r.listed(listing)
	r.wholeListing = err == nil
	if err := cmp.Or(r.tolerate(ctx, "pods", err), r.tolerateGaps(r.selection.gaps(listing.Gaps))); err != nil {
		return err
	}
	return r.readLater(ctx, visitor.later)
}

// readNamespaces reads the pods of each of the namespaces.
func (r *run) readNamespaces(ctx context.Context, namespaces []inventory.Namespace) error {
	r.progress.expect(len(namespaces))
	listing, gaps, err := r.cluster.PodsIn(ctx, namesOf(namespaces), r.visitor())
	r.listed(listing)
	return cmp.Or(r.tolerate(ctx, "pods", err), r.tolerateGaps(gaps))
}

// readUnordered begins anew when the listing of all pods turned out to be in an
// order that does not keep the pods of a namespace together.
func (r *run) readUnordered(ctx context.Context, err error) error {
	if !r.forgetPods() {
		return err
	}
	r.log.Warn().Msg("the API server lists in an order of its own, or may, as with a database that has a collation: pods are read namespace by namespace")
	if err := r.encode(); err != nil {
		return err
	}
	return r.readNamespaces(ctx, r.head.Namespaces)
}

// forgetPods makes all who saw pods forget them, if they can.
func (r *run) forgetPods() bool {
	if r.looking != nil {
		v, ok := r.looking.(inventory.Restarter)
		if !ok {
			return false
		}
		v.Restart()
	}
	for _, e := range r.encoders {
		e.discard()
	}
	r.encoders = nil
	if r.census != nil {
		r.census = &metrics.Census{}
	}
	if r.table != nil {
		naming, err := r.set.Payload.Naming()
		if err != nil {
			return false
		}
		r.table = report.NewTable(naming)
	}
	return true
}

// maxLater is how many namespaces are asked for that were made while the cluster
// was read.
const maxLater = 1000

// readLater reads the namespaces that were made after all had been listed, and that
// have pods.
func (r *run) readLater(ctx context.Context, names []string) error {
	var found []inventory.Namespace
	var gaps []inventory.Gap
	for i, name := range names {
		ns, exists, err := inventory.Namespace{}, false, error(nil)
		if i < maxLater {
			ns, exists, err = r.cluster.NamespaceFoundLater(ctx, name)
		} else {
			err = fmt.Errorf("namespace %s: %w: more than %d namespaces were made while the cluster was read", name, kube.ErrUnavailable, maxLater)
		}
		switch {
		case ctx.Err() != nil:
			return cmp.Or(err, context.Cause(ctx))
		case err != nil:
			gaps = append(gaps, inventory.Gap{Source: "namespace " + name, Reason: err.Error(), Cause: err, Namespace: name})
		case exists:
			found = append(found, ns)
		default:
			r.log.Info().Str("namespace", name).Msg("a namespace was made and deleted while the cluster was read: it is not in the inventory")
		}
	}
	if err := r.tolerateGaps(gaps); err != nil || len(found) == 0 {
		return err
	}
	r.addNamespaces(found)
	return r.readNamespaces(ctx, found)
}

// addNamespaces makes namespaces known that were found later.
func (r *run) addNamespaces(found []inventory.Namespace) {
	r.routeNamespaces(found)
	r.head.Namespaces = append(r.head.Namespaces, found...)
	r.summary.Namespaces = len(r.head.Namespaces)
	for _, e := range r.encoders {
		e.builder.AddNamespaces(found)
	}
}

// listed adds a listing of pods to what was read.
func (r *run) listed(l inventory.Listing) {
	if r.listing.Consistency == "" {
		r.listing = l
	} else {
		r.listing.Add(l)
	}
	if r.mixed {
		r.listing.Consistency = inventory.Mixed
	}
	r.summary.listed(r.listing)
}

// onlyKnown shows a visitor the pods of namespaces that were listed, or left a gap.
func (r *run) onlyKnown(v inventory.Visitor) *onlyKnown {
	known := make(map[string]struct{}, len(r.head.Namespaces))
	for _, ns := range r.head.Namespaces {
		known[ns.Name] = struct{}{}
	}
	for _, gap := range r.summary.Gaps {
		if gap.Namespace != "" {
			known[gap.Namespace] = struct{}{}
		}
	}
	return &onlyKnown{Visitor: v, selected: r.selection.match, known: known}
}

// onlyKnown keeps back the pods of namespaces that were made after all had been
// listed, and notes these.
type onlyKnown struct {
	inventory.Visitor
	selected func(string) bool
	known    map[string]struct{}
	last     string // namespace
	shown    bool   // whether it is shown
	later    []string
}

func (k *onlyKnown) Pod(p *inventory.Pod) error {
	if p.Namespace != k.last || k.last == "" {
		k.last, k.shown = p.Namespace, k.shows(p.Namespace)
	}
	if !k.shown {
		return nil
	}
	return k.Visitor.Pod(p)
}

func (k *onlyKnown) shows(namespace string) bool {
	_, known := k.known[namespace]
	return known || !k.selected(namespace)
}

func (k *onlyKnown) End(namespace string, gap *inventory.Gap) error {
	if k.shows(namespace) {
		return k.Visitor.End(namespace, gap)
	}
	if gap == nil {
		k.later = append(k.later, namespace)
	}
	return nil
}
