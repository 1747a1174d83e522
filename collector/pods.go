package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/workload"
)

// podReading is the reading of all pods that a scope selects, for a visitor.
type podReading struct {
	*reader
	about     inventory.Cluster
	unordered bool
	mixed     bool
	visitor   inventory.Visitor // which may be a Restarter and an Extender
	also      []kube.Want       // of pods, whose sinks may be Restarters
	known     []inventory.Namespace
	gaps      []inventory.Gap
	listing   inventory.Listing
	whole     bool // the listing of all namespaces came to its end
}

// reading is what is known once the pods were read.
type reading struct {
	outcome    inventory.Outcome     // its gaps are those of the description too
	namespaces []inventory.Namespace // those that were described, and those found later
	whole      bool                  // it came to its end, whatever its gaps
}

// readPods shows every pod once to the visitor, and to those who also want pods. With an
// error, too, it returns what is known of the reading.
func (r *reader) readPods(ctx context.Context, d description, v inventory.Visitor, also []kube.Want) (reading, error) {
	p := &podReading{reader: r, about: d.cluster, unordered: d.unordered, mixed: d.mixed, visitor: v, also: also, known: d.cluster.Namespaces, gaps: d.gaps}
	err := p.read(ctx)
	if err == nil && p.listing.Items == 0 && len(p.gaps) == 0 && !r.empty {
		err = fmt.Errorf("%w: not one pod in %s: an empty inventory is not delivered unless allow-empty=true", ErrEmpty, r.where())
	}
	outcome := inventory.Outcome{Complete: len(p.gaps) == 0, Listed: p.whole, Gaps: p.gaps, Listing: p.listing, Finished: time.Now()}
	return reading{outcome, p.known, err == nil}, err
}

// where says where pods were looked for.
func (r *reader) where() string {
	if _, only := r.Selection.Named(); only {
		return "the namespaces that are named"
	}
	return "the whole cluster"
}

// read reads the namespaces that are named one by one, and otherwise the whole
// cluster in one listing, if the API server lists in an order that allows it.
func (p *podReading) read(ctx context.Context) error {
	if _, only := p.Selection.Named(); only || p.unordered {
		return p.namespaces(ctx, p.known)
	}
	visitor := p.onlyKnown()
	outcome, err := p.show(ctx, kube.Scope{}, visitor)
	if errors.Is(err, kube.ErrUnordered) && ctx.Err() == nil {
		return p.anew(ctx, err)
	}
	p.listed(outcome.Listing)
	p.whole = outcome.Listed
	if err := p.tolerate(ctx, err, p.Selection.Gaps(outcome.Gaps)); err != nil {
		return err
	}
	return p.readLater(ctx, visitor.later)
}

// show shows pods to a visitor.
func (p *podReading) show(ctx context.Context, s kube.Scope, v inventory.Visitor) (inventory.Outcome, error) {
	defer p.watcher.Begin(len(s.Namespaces))()
	s.Labels, s.Matters = p.pods, p.Selection.Match
	wants := append([]kube.Want{{Resource: workload.Pods(), Sink: workload.PodSink(v, p.keeps.Pods, p.about)}}, p.also...)
	return p.cluster.Read(ctx, s, wants)
}

// tolerate notes what could not be read, and fails where that is not allowed.
func (p *podReading) tolerate(ctx context.Context, err error, gaps []inventory.Gap) error {
	missing, err := p.asGap(ctx, "pods", err)
	p.gaps = append(append(p.gaps, missing...), gaps...)
	return cmp.Or(err, p.allow(gaps))
}

// namespaces reads the pods of each of the namespaces.
func (p *podReading) namespaces(ctx context.Context, namespaces []inventory.Namespace) error {
	outcome, err := p.show(ctx, kube.Scope{ByName: true, Namespaces: inventory.NamesOf(namespaces)}, p.selected())
	p.listed(outcome.Listing)
	return p.tolerate(ctx, err, outcome.Gaps)
}

// selected shows the visitor the pods of selected namespaces.
func (p *podReading) selected() inventory.Visitor {
	if p.Selection.All() {
		return p.visitor
	}
	return inventory.Filter{Visitor: p.visitor, Namespaces: p.Selection.Match}
}

// anew begins again when the listing of all pods turned out to be in an order that
// does not keep the pods of a namespace together.
func (p *podReading) anew(ctx context.Context, err error) error {
	v, ok := p.visitor.(inventory.Restarter)
	if !ok {
		return err
	}
	v.Restart()
	for _, want := range p.also {
		if sink, ok := want.Sink.(inventory.Restarter); ok {
			sink.Restart()
		}
	}
	p.log.Warn().Msg("the API server lists in an order of its own, or may, as with a database that has a collation: pods are read namespace by namespace")
	return p.namespaces(ctx, p.known)
}

// maxLater is how many namespaces are asked for that were made while the cluster
// was read.
const maxLater = 1000

// readLater reads the namespaces that were made after all had been listed, and that
// have pods.
func (p *podReading) readLater(ctx context.Context, names []string) error {
	var found []inventory.Namespace
	var gaps []inventory.Gap
	for i, name := range names {
		ns, exists, err := inventory.Namespace{}, false, error(nil)
		if i < maxLater {
			ns, exists, err = workload.FindNamespace(ctx, p.cluster, p.keeps.Namespaces, kube.Scope{Labels: p.pods}, name)
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
			p.log.Info().Str("namespace", name).Msg("a namespace was made and deleted while the cluster was read: it is not in the inventory")
		}
	}
	p.gaps = append(p.gaps, gaps...)
	if err := p.allow(gaps); err != nil || len(found) == 0 {
		return err
	}
	p.known = append(p.known, found...)
	if v, ok := p.visitor.(inventory.Extender); ok {
		v.AddNamespaces(found)
	}
	p.also = nil // they have the pods of the listing, whose moment was before
	return p.namespaces(ctx, found)
}

// listed adds a listing of pods to what was read.
func (p *podReading) listed(l inventory.Listing) {
	if p.listing.Consistency == "" {
		p.listing = l
	} else {
		p.listing.Add(l)
	}
	if p.mixed {
		p.listing.Consistency = inventory.Mixed
	}
}

// onlyKnown shows the visitor the pods of namespaces that were listed, or left a gap.
func (p *podReading) onlyKnown() *onlyKnown {
	known := make(map[string]struct{}, len(p.known))
	for _, ns := range p.known {
		known[ns.Name] = struct{}{}
	}
	for _, gap := range p.gaps {
		if gap.Namespace != "" {
			known[gap.Namespace] = struct{}{}
		}
	}
	return &onlyKnown{Visitor: p.selected(), selected: p.Selection.Match, known: known}
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
