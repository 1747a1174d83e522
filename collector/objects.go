package collector

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/objects"
	"stocktake/collector/payload"
	"stocktake/collector/tree"
	"stocktake/collector/workload"
)

// objectMaker makes the bodies of whole objects while they come.
type objectMaker struct {
	*objects.Collection
	session *Session
	plan    *Plan
	failed  error // why there are none; the inventory does not suffer from that

	head     payload.Head
	served   []payload.Type
	fetching *deliver.Fetching // what Infralight knows to have begun, nil for others
}

// chooseObjects asks which types there are, and whether those that are chosen may be read.
func chooseObjects(ctx context.Context, p *Plan) (objects.Choices, error) {
	_, byName := p.Selection.Named()
	chosen, err := p.objects.Choose(ctx, p.Kube(), byName)
	if err != nil {
		return chosen, err
	}
	for _, warning := range chosen.Warnings {
		p.reader.log.Warn().Msg(warning)
	}
	return chosen, p.objects.Preflight(ctx, p.Kube(), p.Selection.Scope(), chosen)
}

// openObjects opens the bodies of the types that were chosen. It returns nil if nobody wants
// any, or not now. Why there are none does not keep an inventory back.
func openObjects(ctx context.Context, s *Session, p *Plan, it server) (*objectMaker, error) {
	switch {
	case p.objects == nil:
		return nil, nil //nolint:nilnil // no objects is not a mistake
	case it.noObjects != nil:
		return &objectMaker{session: s, plan: p, failed: it.noObjects}, nil
	}
	m := &objectMaker{session: s, plan: p, served: it.types.Served(), head: payload.Head{
		Cluster: p.Cluster, Time: s.started(), Run: rand.Text(), Server: it.version, ToolVersion: s.Build.Version,
	}}
	err := m.begin(ctx)
	if errors.Is(err, deliver.ErrNotNow) {
		s.Log.Warn().Err(err).Msg("Infralight gets nothing of this run")
		if len(p.objects.Kinds()) == 1 {
			return nil, nil //nolint:nilnil // nobody else wants any
		}
		err = nil
	}
	if err == nil {
		err = m.open(it.types)
	}
	if err == nil || p.inventory() && ctx.Err() == nil {
		m.failed = err
		return m, nil
	}
	m.abandon(ctx, err)
	return nil, err
}

// open opens the bodies.
func (m *objectMaker) open(chosen objects.Choices) (err error) {
	matches := m.plan.Selection.Match
	if m.plan.Selection.All() {
		matches = nil
	}
	m.Collection, err = m.plan.objects.Open(m.head, m.session.Settings.Payload, chosen, matches)
	return err
}

// begin tells Infralight, if it is a receiver, that a run begins. It knows clusters by their UID.
func (m *objectMaker) begin(ctx context.Context) (err error) {
	for _, r := range m.plan.Receivers {
		if r.infralight == nil {
			continue
		}
		system, _, err := workload.FindNamespace(ctx, m.plan.Kube(), workload.KeepNothing(), kube.Scope{}, "kube-system")
		if err != nil {
			return err
		}
		m.head.ClusterUID = system.UID
		m.fetching, err = r.infralight.Begin(ctx, m.head)
		return err
	}
	return nil
}

// abandon tells Infralight that nothing comes of the run that it knows to have begun.
func (m *objectMaker) abandon(ctx context.Context, why error) {
	if m != nil && m.fetching != nil && why != nil {
		m.fetching.Fail(ctx, why)
	}
}

func (m *objectMaker) discard() {
	if m != nil {
		m.Discard()
	}
}

// wantsOf are those of one resource.
func (m *objectMaker) wantsOf(r kube.Resource) []kube.Want {
	if m == nil || m.failed != nil {
		return nil
	}
	return slices.DeleteFunc(m.Wants(), func(w kube.Want) bool { return w.Resource != r })
}

// read reads the types that are not read for anything else, before the pods: these are many,
// and in vain if a type fails that may not.
func (m *objectMaker) read(ctx context.Context, known []inventory.Namespace) error {
	r := m.plan.reader
	rest := slices.DeleteFunc(m.Wants(), func(w kube.Want) bool { return slices.Contains(m.plan.shared(), w.Resource) })
	defer r.watcher.Begin(0)()
	return m.Read(ctx, objects.Source{Cluster: r.cluster, Scope: r.Selection.Scope(), Names: func(ctx context.Context) ([]string, error) {
		if known != nil {
			return inventory.NamesOf(known), nil
		}
		found, _, err := workload.ReadNamespaces(ctx, r.cluster, workload.KeepNothing(), r.Selection.Scope())
		return inventory.NamesOf(found), err
	}}, rest)
}

// shared are the resources that are listed once for the objects and for all else.
func (p *Plan) shared() []kube.Resource {
	if _, only := p.Selection.Named(); only {
		if !p.inventory() {
			return nil
		}
		return []kube.Resource{workload.Pods()}
	}
	return p.reads()
}

// close ends the bodies, delivers them and prints what was asked for.
func (m *objectMaker) close(ctx context.Context, clusterUID string) (res result, err error) {
	if m.failed != nil {
		return res, m.failed
	}
	bodies, err := m.Close(clusterUID)
	if err != nil {
		return res, err
	}
	for _, warning := range bodies.Warnings {
		m.session.Log.Warn().Msg(warning)
	}
	kind := m.plan.objects.Kinds()[0]
	res.gaps, res.objects = bodies.Gaps, bodies.Counts(kind)
	if res.objects.Objects == 0 && !m.session.Settings.Run.AllowEmpty {
		return res, fmt.Errorf("%w: not one object of the types that are chosen: they are not delivered unless allow-empty=true", ErrEmpty)
	}
	res.delivered, err = sendAll(ctx, m.plan.Receivers, func(kind payload.Kind) []*payload.Body { return bodies.Of[kind] })
	if m.fetching != nil {
		to, failed := m.bring(ctx, bodies)
		res.delivered.all, err = append(res.delivered.all, to), errors.Join(err, failed)
	}
	if err != nil {
		return res, err
	}
	if kind := m.session.Settings.PrintedKind(); m.plan.prints == printsJSON && kind.Chunked() {
		err = printBodies(m.session.Stdout, bodies.Of[kind])
	}
	return res, err
}

// describe finds out what the collections of a run refer to.
func (p *Plan) describe(ctx context.Context, about inventory.Cluster, obj *objectMaker) (description, error) {
	if len(p.reads()) == 0 {
		return description{cluster: about}, nil
	}
	also := slices.Concat(obj.wantsOf(kube.Namespaces()), obj.wantsOf(workload.Nodes()))
	return p.reader.describe(ctx, about, p.inventory(), also)
}

// bring gives Infralight what it was told of.
func (m *objectMaker) bring(ctx context.Context, b objects.Bodies) (Delivery, error) {
	run := deliver.InfralightRun{Types: m.served, Releases: deployed(b.Releases), Objects: b.Of[payload.Infralight], Read: time.Now()}
	var receipt deliver.Receipt
	var err error
	if m.fetching.Trees() {
		var trees *tree.Trees
		if trees, err = tree.New(m.head, run.Objects, b.Owners, m.session.Settings.Payload); err == nil {
			defer trees.Discard()
			run.Trees = trees.Pages
			for _, name := range trees.TooLarge {
				m.session.Log.Warn().Str("tree", name).Msg("a tree is larger than Infralight takes: its objects are sent without it")
			}
		}
	}
	if err == nil {
		receipt, err = m.fetching.Deliver(ctx, run)
		m.fetching = nil // it has been told how the run went
	}
	to := Delivery{Receiver: receipt.Receiver, Status: receipt.Status, Attempts: receipt.Attempts, Encoding: receipt.Encoding, BytesSent: receipt.Bytes, Chunks: len(run.Objects) + len(run.Trees)}
	for _, page := range slices.Concat(run.Objects, run.Trees) {
		to.BytesJSON += page.Size()
	}
	if err != nil {
		to.Error = err.Error()
	}
	return to, err
}

// deployed are the releases that are deployed, as Infralight takes them.
func deployed(all []objects.ReleaseRecord) iter.Seq[deliver.HelmRelease] {
	return func(yield func(deliver.HelmRelease) bool) {
		for _, r := range all {
			if r.Deployed != nil && !yield(releaseOf(r, *r.Deployed)) {
				return
			}
		}
	}
}

func releaseOf(r objects.ReleaseRecord, of objects.RevisionRecord) deliver.HelmRelease {
	release := deliver.HelmRelease{Namespace: r.Namespace, Name: r.Name, Revision: of.Revision, Status: of.Status}
	if changed, err := time.Parse(time.RFC3339, of.Changed); err == nil {
		release.Changed = changed.Unix()
	}
	if c := of.Chart; c != nil {
		release.Chart = &deliver.HelmChart{Name: c.Name, Version: c.Version, AppVersion: c.AppVersion, Home: c.Home, Type: c.Type}
		for _, o := range c.Objects {
			release.Chart.Objects = append(release.Chart.Objects, deliver.HelmObject(o))
		}
	}
	return release
}

// readAll reads what an inventory and whole objects are made of, of which either may be nil.
// Objects that fail do not keep the inventory from being read.
func readAll(ctx context.Context, p *Plan, known description, inv *inventoryMaker, obj *objectMaker) (reading, error) {
	if obj != nil && obj.failed == nil {
		if obj.failed = obj.read(ctx, known.cluster.Namespaces); obj.failed != nil {
			obj.discard()
			if inv == nil || ctx.Err() != nil {
				return reading{}, obj.failed
			}
		}
	}
	if inv == nil {
		return reading{namespaces: known.cluster.Namespaces}, nil
	}
	return p.reader.readPods(ctx, known, inv, obj.wantsOf(workload.Pods()))
}

// closeAll ends what was made; what cannot be delivered of one does not keep the other back.
func closeAll(ctx context.Context, outcome inventory.Outcome, clusterUID string, inv *inventoryMaker, obj *objectMaker) (results []result, err error) {
	var errs []error
	if inv != nil {
		made, err := inv.close(ctx, outcome)
		results, errs = append(results, made), append(errs, err)
	}
	if obj != nil {
		made, err := obj.close(ctx, clusterUID)
		results, errs = append(results, made), append(errs, err)
	}
	return results, errors.Join(errs...)
}

// ObjectRights are those that whole objects take with these settings. The cluster is asked only
// where nobody else knows what a name means.
func ObjectRights(ctx context.Context, inv Invocation, s Settings, chosen workload.Selection) (rights []kube.Right, asked bool, err error) {
	if !s.getsObjects() {
		return nil, false, nil
	}
	plan, err := objects.NewPlan(s.Groups, nil, s.Run.AllowIncomplete)
	if err != nil {
		return nil, false, err
	}
	found, known := plan.Assume()
	if !known {
		o := s.Kube
		o.UserAgent = userAgent(inv.Build)
		cluster, err := kube.Connect(s.Source(inv.Environ), o)
		if err != nil {
			return nil, true, err
		}
		defer cluster.Close()
		if found, err = plan.Discover(ctx, cluster); err != nil {
			return nil, true, err
		}
	}
	return plan.Rights(found, chosen.Scope()), !known, nil
}
