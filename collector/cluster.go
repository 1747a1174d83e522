package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rs/zerolog"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/logging"
	"stocktake/collector/objects"
	"stocktake/collector/terminal"
	"stocktake/collector/workload"
)

// scope says what is read of a cluster, and what a reading may do without.
type scope struct {
	Selection  workload.Selection
	incomplete bool          // what cannot be read is a gap; else it is an error
	empty      bool          // nothing may be there
	pods       kube.Selector // of them, by their labels
	// forPeople says that a person looks: what a right is missing for is left out, where
	// that is said. A delivery does without nothing: a receiver could not tell that from
	// a cluster without nodes.
	forPeople bool
}

// allow returns the cause of the first gap, unless incomplete results are allowed.
func (s scope) allow(gaps []inventory.Gap) error {
	if len(gaps) == 0 || s.incomplete {
		return nil
	}
	return gaps[0].Cause
}

// asGap turns an error of reading into a gap where incomplete results are allowed. A
// context that ended is returned as it is, never recorded as a gap.
func (s scope) asGap(ctx context.Context, source string, err error) ([]inventory.Gap, error) {
	if err == nil || !s.incomplete || ctx.Err() != nil {
		return nil, err
	}
	if !errors.Is(err, kube.ErrRefused) && !errors.Is(err, kube.ErrUnavailable) {
		return nil, err
	}
	return []inventory.Gap{{Source: source, Reason: err.Error(), Cause: err}}, nil
}

// reader reads one cluster, as a scope says.
type reader struct {
	scope
	keeps   workload.Keeps
	cluster *kube.Cluster
	log     zerolog.Logger
	watcher Watcher
}

// connect prepares the connection to the API server, and does not use it yet.
func connect(s *Session, keeps workload.Keeps, sc scope) (*reader, error) {
	o := s.Settings.Kube
	r := &reader{scope: sc, keeps: keeps, log: s.Log, watcher: s.watcher}
	o.UserAgent, o.OnEvent = s.Agent(), logging.Reading(s.Log, s.watcher.Page)
	o.WholePageBytes, o.OneMoment = int64(s.Settings.Objects.PageBytes), s.Settings.Objects.OneMoment
	from := s.Settings.Source(s.Environ)
	from.In, from.Out = terminalOf(s)
	var err error
	if r.cluster, err = kube.Connect(from, o); err != nil {
		return nil, err
	}
	s.Log.Info().Str("from", r.cluster.Origin()).Msg("the cluster is " + r.cluster.Host())
	if exposed := r.cluster.Exposed(); exposed.Why != "" {
		s.Log.Warn().Msg(exposed.Why + ": " + exposed.WayOut)
	}
	return r, nil
}

// terminalOf is where a person sits, if one does: who reads what is said need not be
// able to answer.
func terminalOf(s *Session) (in *os.File, out io.Writer) {
	switch {
	case !terminal.Is(s.Stderr):
		return nil, nil
	case !terminal.Is(os.Stdin):
		return nil, s.out
	}
	return os.Stdin, s.out
}

// server is what the API server says of itself.
type server struct {
	version inventory.ServerVersion
	unknown string // why the version is not known
	types   objects.Choices
	// noObjects is why there will be none, beside an inventory.
	noObjects error
}

// preflight asks the API server which Kubernetes it is and whether the resources may be read.
// That a cluster keeps its version to itself is no reason to fail, and no gap: nothing
// that runs is missing.
func (r *reader) preflight(ctx context.Context, reads []kube.Resource) (it server, err error) {
	it.version, err = r.cluster.Version(ctx)
	if errors.Is(err, kube.ErrVersionUnknown) {
		r.log.Info().Err(err).Msg("the run goes on without the version of Kubernetes")
		it, err = server{unknown: err.Error()}, nil
	}
	if err != nil {
		return it, err
	}
	names, only := r.Selection.Named()
	if only && len(names) == 0 {
		return it, nil // without names it would ask for the whole cluster
	}
	return it, r.cluster.Preflight(ctx, r.Selection.Scope(), reads...)
}

// description is what is known of a cluster before its pods are read.
type description struct {
	cluster   inventory.Cluster
	gaps      []inventory.Gap
	unordered bool // the API server lists in an order of its own
	mixed     bool // the namespaces that were listed are of several moments
}

// describe adds to what is known of a cluster what its pods refer to, or its namespaces
// alone. With an error it returns the gaps, and the UID as far as it is known.
func (r *reader) describe(ctx context.Context, about inventory.Cluster, nodes bool, also []kube.Want) (description, error) {
	defer r.watcher.Begin(0)()
	var d description
	var err error
	if names, only := r.Selection.Named(); only {
		d, err = r.describeNamed(ctx, names)
	} else {
		d, err = r.describeAll(ctx, nodes, also)
	}
	d.cluster.Name, d.cluster.Collected, d.cluster.Server = about.Name, about.Collected, about.Server
	if err == nil && len(d.cluster.Namespaces) == 0 && !r.Selection.All() && len(d.gaps) == 0 && !r.empty {
		err = fmt.Errorf("%w: the namespace selectors match no namespace: nothing is delivered unless allow-empty=true", ErrEmpty)
	}
	if err != nil {
		d.cluster.Namespaces, d.cluster.Nodes = nil, nil
		return d, err
	}
	return d, nil
}

func (r *reader) describeAll(ctx context.Context, withNodes bool, also []kube.Want) (d description, err error) {
	namespaces, listed, err := r.namespaces(ctx, also...)
	if err != nil {
		return d, err
	}
	d.unordered, d.mixed = listed.Listing.Unordered, listed.Listing.Consistency == inventory.Mixed
	d.cluster.UID = clusterUID(namespaces)
	d.cluster.Namespaces = r.Selection.Of(namespaces)
	d.gaps = r.Selection.Gaps(listed.Gaps)
	if err := r.allow(d.gaps); err != nil || !withNodes {
		return d, err
	}
	nodes, listed, err := workload.ReadNodes(ctx, r.cluster, r.keeps.Nodes, also...)
	d.cluster.Nodes = nodes
	if r.goesOn(err, withoutNodes) {
		return d, nil
	}
	missing, err := r.asGap(ctx, "nodes", err)
	d.gaps = append(append(d.gaps, missing...), listed.Gaps...)
	return d, cmp.Or(err, r.allow(listed.Gaps))
}

// namespaces reads those that are named, or all.
func (r *reader) namespaces(ctx context.Context, also ...kube.Want) ([]inventory.Namespace, inventory.Outcome, error) {
	return workload.ReadNamespaces(ctx, r.cluster, r.keeps.Namespaces, r.Selection.Scope(), also...)
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

// describeNamed asks for nothing beyond the namespaces that are named, so that rights in
// these are enough. Nodes are the cluster's and stay unknown, unless a person looks.
func (r *reader) describeNamed(ctx context.Context, names []string) (d description, err error) {
	var read inventory.Outcome
	d.cluster.Namespaces, read, err = r.namespaces(ctx)
	d.gaps = read.Gaps
	if !r.forPeople {
		return d, cmp.Or(err, r.allow(d.gaps))
	}
	if len(d.gaps) > 0 {
		d.cluster.Namespaces, d.gaps = r.bareNamespaces(names, d.cluster.Namespaces, d.gaps)
		if len(d.gaps) == 0 {
			err = nil
		}
	}
	if err := cmp.Or(err, r.allow(d.gaps)); err != nil {
		return d, err
	}
	nodes, _, err := workload.ReadNodes(ctx, r.cluster, r.keeps.Nodes)
	if r.goesOn(err, withoutNodes) {
		return d, nil
	}
	d.cluster.Nodes = nodes
	return d, err
}

// What a person does without, where the right to read it is missing.
const (
	withoutNodes     = "PLATFORMS stay empty: nodes may not be listed"
	withoutNamespace = "only what is in the namespace is known, and not whether it exists: it may not be read itself"
)

// goesOn reports whether a person looks who can do without what was refused, and
// says so.
func (r *reader) goesOn(err error, without string) bool {
	if !r.forPeople || !kube.IsForbidden(err) {
		return false
	}
	r.log.Warn().Err(err).Msg(without)
	return true
}

// bareNamespaces adds those of the namespaces that may not be read, by name alone:
// their pods may still be listed, and no view shows more of a namespace. It returns
// the gaps that are left.
func (r *reader) bareNamespaces(names []string, read []inventory.Namespace, gaps []inventory.Gap) (all []inventory.Namespace, left []inventory.Gap) {
	known := map[string]inventory.Namespace{}
	for _, ns := range read {
		known[ns.Name] = ns
	}
	for _, gap := range gaps {
		if !r.goesOn(gap.Cause, withoutNamespace) {
			left = append(left, gap)
			continue
		}
		name := strings.TrimPrefix(gap.Source, "namespace ")
		known[name] = inventory.Namespace{Name: name}
	}
	for _, name := range names {
		if ns, ok := known[name]; ok {
			all = append(all, ns)
			delete(known, name) // a name that comes twice is one namespace
		}
	}
	return all, left
}
