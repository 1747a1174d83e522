package collector

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
)

// preflight finds out whether the run can succeed before it costs anything.
func (r *run) preflight(ctx context.Context) error {
	for _, t := range r.targets {
		if err := t.preflight(ctx); err != nil {
			r.untold = r.untold && !t.anchore // it is not there to be told
			return err
		}
	}
	if err := r.version(ctx); err != nil {
		return err
	}
	names, only := r.selection.named()
	if only && len(names) == 0 {
		return nil // without names it would ask for the whole cluster
	}
	return r.cluster.Preflight(ctx, names...)
}

// version asks which Kubernetes this is. That a cluster keeps it to itself is no
// reason to fail, and no gap: nothing that runs is missing.
func (r *run) version(ctx context.Context) error {
	version, err := r.cluster.Version(ctx)
	if errors.Is(err, kube.ErrVersionUnknown) {
		r.summary.VersionUnknown = err.Error()
		r.log.Info().Err(err).Msg("the run goes on without the version of Kubernetes")
		return nil
	}
	r.head.Server = version
	return err
}

// describe reads what the pods refer to, and starts the encoders.
func (r *run) describe(ctx context.Context) error {
	defer r.progress.during()()
	var err error
	if names, only := r.selection.named(); only {
		err = r.describeNamed(ctx, names)
	} else {
		err = r.describeAll(ctx)
	}
	if err != nil {
		return err
	}
	if len(r.head.Namespaces) == 0 && !r.selection.all() && r.summary.complete() && !r.set.Run.AllowEmpty {
		return fmt.Errorf("%w: the namespace selectors match no namespace: nothing is delivered unless allow-empty=true", errEmpty)
	}
	r.summary.Namespaces, r.summary.Nodes = len(r.head.Namespaces), len(r.head.Nodes)
	r.head.Cluster, r.head.Time, r.head.ToolVersion, r.head.Run = r.summary.Cluster, r.summary.Started, r.summary.Version, rand.Text()
	r.route()
	return r.encode()
}

// route decides on the account of each namespace while it has all its labels,
// and then takes away those that must not leave the cluster.
func (r *run) route() {
	if r.router != nil {
		accounts := make(map[string][]string, len(r.head.Namespaces))
		r.accountsOf = accounts
		r.head.Route = func(ns inventory.Namespace) []string { return accounts[ns.Name] }
	}
	r.routeNamespaces(r.head.Namespaces)
}

func (r *run) routeNamespaces(namespaces []inventory.Namespace) {
	if r.router != nil {
		for _, ns := range namespaces {
			r.accountsOf[ns.Name] = r.router.route(ns)
		}
	}
	if r.labels != nil {
		withoutLabels(namespaces, r.labels)
	}
}

func (r *run) describeAll(ctx context.Context) error {
	namespaces, listing, err := r.cluster.Namespaces(ctx)
	if err != nil {
		return err
	}
	r.unordered, r.mixed = listing.Unordered, listing.Consistency == inventory.Mixed
	r.head.ClusterUID = clusterUID(namespaces)
	r.head.Namespaces = r.selection.of(namespaces)
	if err := r.tolerateGaps(r.selection.gaps(listing.Gaps)); err != nil {
		return err
	}
	nodes, listing, err := r.cluster.Nodes(ctx)
	r.head.Nodes = nodes
	if r.goesOn(err, withoutNodes) {
		return nil
	}
	return cmp.Or(r.tolerate(ctx, "nodes", err), r.tolerateGaps(listing.Gaps))
}

// clusterUID is the UID of kube-system, which no other cluster has and which
// lives as long as the cluster (kubernetes#77487).
func clusterUID(namespaces []inventory.Namespace) string {
	for _, ns := range namespaces {
		if ns.Name == "kube-system" {
			return ns.UID
		}
	}
	return ""
}

// describeNamed asks for nothing beyond the namespaces that are named, so that
// rights in these are enough. Nodes are the cluster's and stay unknown.
func (r *run) describeNamed(ctx context.Context, names []string) error {
	namespaces, gaps, err := r.cluster.NamespacesNamed(ctx, names)
	r.head.Namespaces = namespaces
	if len(gaps) > 0 && r.looking != nil {
		if gaps = r.bareNamespaces(names, gaps); len(gaps) == 0 {
			return nil
		}
	}
	return cmp.Or(err, r.tolerateGaps(gaps))
}

// tolerate turns an error of reading into a gap where incomplete results are
// allowed. The end of the run is never a gap.
func (r *run) tolerate(ctx context.Context, source string, err error) error {
	if err == nil || !r.set.Run.AllowIncomplete || ctx.Err() != nil {
		return err
	}
	if !errors.Is(err, kube.ErrRefused) && !errors.Is(err, kube.ErrUnavailable) {
		return err
	}
	return r.tolerateGaps([]inventory.Gap{{Source: source, Reason: err.Error(), Cause: err}})
}

// tolerateGaps notes gaps, and fails with the first where they are not allowed.
func (r *run) tolerateGaps(gaps []inventory.Gap) error {
	if len(gaps) == 0 {
		return nil
	}
	r.summary.Gaps = append(r.summary.Gaps, gaps...)
	if !r.set.Run.AllowIncomplete {
		return gaps[0].Cause
	}
	r.gap = cmp.Or(r.gap, gaps[0].Cause)
	return nil
}

// namesOf are the names of namespaces.
func namesOf(namespaces []inventory.Namespace) []string {
	names := make([]string, len(namespaces))
	for i, ns := range namespaces {
		names[i] = ns.Name
	}
	return names
}

// visitor is all who want to see the pods.
func (r *run) visitor() inventory.Visitor {
	var all inventory.Tee
	for _, e := range r.encoders {
		all = append(all, e.builder)
	}
	if r.table != nil {
		all = append(all, onlyRunning(r.table, r.set.Payload.IgnoreNotRunning))
	}
	if r.looking != nil {
		all = append(all, r.looking)
	}
	if r.census != nil {
		all = append(all, onlyRunning(r.census, r.set.Payload.IgnoreNotRunning))
	}
	if r.selection.all() {
		return all
	}
	return inventory.Filter{Visitor: all, Namespaces: r.selection.match}
}

// onlyRunning lets pods through to a view as ignore-not-running says; encoders see to
// it by themselves, because they count what they leave out.
func onlyRunning(view inventory.Visitor, ignoreNotRunning bool) inventory.Visitor {
	if !ignoreNotRunning {
		return view
	}
	return inventory.Filter{Visitor: view, Pods: func(p *inventory.Pod) bool { return p.Phase == inventory.Running }}
}
