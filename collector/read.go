package collector

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/objects"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
	"stocktake/collector/settings"
	"stocktake/collector/workload"
)

// Query says which records somebody wants to look at, and where they come from.
type Query struct {
	File       string   // a saved inventory of any kind, "-" for stdin; empty: the live cluster
	Namespaces []string // by exact name; empty: as namespace-selectors say
	All        bool     // every namespace, whatever the settings say
	Selector   string   // of labels, as kubectl's -l
}

// Inventory is what is known of an inventory besides its pods.
type Inventory struct {
	Cluster inventory.Cluster
	Outcome *inventory.Outcome // nil where a saved body does not say how the reading ended
}

// narrowed puts the namespaces of a query in the place of those of the settings.
func (q Query) narrowed(o workload.SelectOptions) workload.SelectOptions {
	if q.All {
		return workload.SelectOptions{}
	}
	if len(q.Namespaces) > 0 {
		return workload.SelectOptions{Include: q.Namespaces}
	}
	return o
}

// Read shows the pods that a query asks for to a visitor, and returns what else is
// known. An inventory that is not whole is an error, unless allow-incomplete is set: then
// the gaps are in the outcome.
func Read(ctx context.Context, s *Session, q Query, v inventory.Visitor) (Inventory, error) {
	selector, err := kube.ParseSelector(q.Selector)
	if err != nil {
		return Inventory{}, err
	}
	selection, err := q.narrowed(s.Settings.Select).Selection()
	if err != nil {
		return Inventory{}, err
	}
	if q.File != "" {
		return readFile(s, q.File, selection, selector, v)
	}
	return readCluster(ctx, s, selection, selector, v)
}

// readCluster reads the live cluster by the same way as a run.
func readCluster(ctx context.Context, s *Session, selection workload.Selection, selector kube.Selector, v inventory.Visitor) (Inventory, error) {
	none := workload.KeepNothing() // nobody who looks is shown any
	r, err := connect(s, workload.Keeps{Pods: none, Nodes: none, Namespaces: none}, scope{Selection: selection, pods: selector, incomplete: s.Settings.Run.AllowIncomplete, empty: true, forPeople: true})
	if err != nil {
		return Inventory{}, err
	}
	defer r.cluster.Close()
	server, err := r.preflight(ctx, Reads())
	if err != nil {
		return Inventory{}, err
	}
	name := cmp.Or(s.Settings.Run.ClusterID, s.Settings.Run.LegacyCluster, r.cluster.Host())
	known, err := r.describe(ctx, inventory.Cluster{Name: name, Collected: s.started(), Server: server.version}, true, nil)
	if err != nil {
		return Inventory{}, err
	}
	read, err := r.readPods(ctx, known, v, nil)
	if err != nil {
		return Inventory{}, err
	}
	known.cluster.Namespaces = read.namespaces
	return Inventory{known.cluster, &read.outcome}, nil
}

// readFile reads a saved inventory.
func readFile(s *Session, path string, selection workload.Selection, selector kube.Selector, v inventory.Visitor) (Inventory, error) {
	loaded, name, err := ReadSaved(s, path, inventory.Filter{Visitor: v, Namespaces: selection.Match, Pods: func(p *inventory.Pod) bool { return selector.Matches(p.Labels) }})
	if err != nil {
		return Inventory{}, err
	}
	if loaded.Kind == payload.KAI && !selector.All() {
		return Inventory{}, fmt.Errorf("%w: %s is an inventory of the kind kai, which knows no labels to select by", settings.ErrInvalid, name)
	}
	loaded.Namespaces = selection.Of(loaded.Namespaces)
	return Inventory{loaded.Cluster, loaded.Outcome}, holds(loaded.Namespaces, selection, name)
}

// ReadSaved shows the pods of a saved inventory to a visitor, from stdin if the path is
// "-", and tells what to call it.
func ReadSaved(s *Session, path string, v inventory.Visitor) (loaded *saved.Loaded, name string, err error) {
	in, name, err := openSaved(path, s.Stdin)
	if err != nil {
		return nil, name, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	if loaded, err = saved.Load(in, s.Settings.Payload, v); err != nil {
		return nil, name, fmt.Errorf("%s: %w", name, err)
	}
	return loaded, name, nil
}

// holds refuses names of namespaces that a saved inventory does not have, as the
// API server does for a live cluster.
func holds(all []inventory.Namespace, selection workload.Selection, file string) error {
	names, _ := selection.Named()
	for _, name := range names {
		if !containsNamespace(all, name) {
			return fmt.Errorf("%w: namespace %s: it is not in %s", settings.ErrInvalid, name, file)
		}
	}
	return nil
}

func containsNamespace(all []inventory.Namespace, name string) bool {
	for i := range all {
		if all[i].Name == name {
			return true
		}
	}
	return false
}

// ObjectQuery says which whole objects somebody wants to look at, and where they come from.
type ObjectQuery struct {
	Query
	Types []string // as objects.types names them; empty: those of the settings, or all of a file
}

// Objects are whole objects that somebody looks at. They must be discarded.
type Objects struct {
	*objects.Reading
	Lacks   error  // why a run would not deliver them, or ErrIncomplete
	Discard func() // gives back what holds the objects
}

// objectLook is an ObjectQuery that was understood.
type objectLook struct {
	ObjectQuery
	plan      *objects.Plan // of a run for these objects alone
	selection workload.Selection
	selector  kube.Selector
}

func (q ObjectQuery) look(s *Session) (l objectLook, err error) {
	all := s.Settings.Groups
	if len(q.Types) > 0 {
		all.ObjectTypes.Types, all.ObjectTypes.Add = q.Types, nil
	}
	all.Objects.Helm, all.Objects.Owners = "", false
	l.ObjectQuery = q
	var planErr, selectorErr error
	l.plan, planErr = objects.NewPlan(all, []payload.Kind{payload.Objects}, s.Settings.Run.AllowIncomplete)
	l.selector, selectorErr = kube.ParseSelector(q.Selector)
	l.selection, err = q.narrowed(s.Settings.Select).Selection()
	return l, errors.Join(planErr, selectorErr, err)
}

// connect connects to the cluster and decides on the types.
func (l objectLook) connect(ctx context.Context, s *Session) (r *reader, chosen objects.Choices, err error) {
	none := workload.KeepNothing()
	r, err = connect(s, workload.Keeps{Pods: none, Nodes: none, Namespaces: none}, scope{Selection: l.selection, incomplete: s.Settings.Run.AllowIncomplete, empty: true, forPeople: true})
	if err != nil {
		return nil, chosen, err
	}
	_, byName := l.selection.Named()
	if chosen, err = l.plan.Choose(ctx, r.cluster, byName); err != nil {
		r.cluster.Close()
	}
	return r, chosen, err
}

// ObjectTypes are the types that a query asks for, as the API server serves them, and those
// that it does not ask for. With them may come an error: why a run would read none of them.
func ObjectTypes(ctx context.Context, s *Session, q ObjectQuery) (objects.Choices, error) {
	l, err := q.look(s)
	if err != nil {
		return objects.Choices{}, err
	}
	r, chosen, err := l.connect(ctx, s)
	if err != nil {
		return chosen, err
	}
	r.cluster.Close()
	return chosen, l.plan.Available(chosen)
}

// OpenObjects reads the objects that a query asks for, redacted as those of a run, and shows
// none yet. What cannot be read is left out, type by type, and is what they lack.
func OpenObjects(ctx context.Context, s *Session, q ObjectQuery) (*Objects, error) {
	l, err := q.look(s)
	switch {
	case err != nil:
		return nil, err
	case q.File != "":
		return l.open(s)
	}
	return l.read(ctx, s)
}

// read reads the live cluster by the same way as a run.
func (l objectLook) read(ctx context.Context, s *Session) (*Objects, error) {
	r, chosen, err := l.connect(ctx, s)
	if err != nil {
		return nil, err
	}
	defer r.cluster.Close()
	for _, warning := range chosen.Warnings {
		s.Log.Warn().Msg(warning)
	}
	if err := r.namedExist(ctx); err != nil {
		return nil, err
	}
	head := payload.Head{Cluster: cmp.Or(s.Settings.Run.ClusterID, s.Settings.Run.LegacyCluster, r.cluster.Host()), Time: s.started(), Run: rand.Text()}
	all, err := l.plan.Tolerant().Open(head, s.Settings.Payload, chosen, l.scope().Matters)
	if err != nil {
		return nil, err
	}
	o := &Objects{Discard: all.Discard}
	if err := l.collect(ctx, r, all, o); err != nil {
		all.Discard()
		return nil, err
	}
	return o, nil
}

// collect reads the objects, and finds out what they lack.
func (l objectLook) collect(ctx context.Context, r *reader, all *objects.Collection, o *Objects) error {
	end := r.watcher.Begin(0)
	err := all.Read(ctx, objects.Source{Cluster: r.cluster, Scope: l.scope(), Names: func(ctx context.Context) ([]string, error) {
		found, _, err := r.namespaces(ctx)
		return inventory.NamesOf(found), err
	}}, all.Wants())
	end()
	if err != nil {
		return err
	}
	bodies, err := all.Close("")
	if err != nil {
		return err
	}
	o.Reading = bodies.Reading()
	if o.Lacks = all.Lacks(l.plan); o.Lacks == nil {
		o.Lacks = Verdict(bodies.Gaps)
	}
	return nil
}

func (l objectLook) scope() kube.Scope {
	s := l.selection.Scope()
	s.Labels = l.selector
	if l.selection.All() {
		s.Matters = nil
	}
	return s
}

// namedExist refuses namespaces that are named and do not exist, as far as it may be known.
func (r *reader) namedExist(ctx context.Context) error {
	names, only := r.Selection.Named()
	if !only || len(names) == 0 {
		return nil
	}
	read, outcome, err := r.namespaces(ctx)
	if len(outcome.Gaps) == 0 {
		return err
	}
	if _, left := r.bareNamespaces(names, read, outcome.Gaps); len(left) > 0 {
		return left[0].Cause
	}
	return nil
}

// open opens a saved body, and checks it before any of it is shown.
func (l objectLook) open(s *Session) (*Objects, error) {
	in, name, err := openSaved(l.File, s.Stdin)
	if err != nil {
		return nil, err
	}
	body, discard, err := objects.OpenSaved(in, s.Settings.Payload.SpoolDir)
	if err == nil {
		err = l.plan.Narrow(body, l.scope(), len(l.Types) > 0)
	}
	if err != nil {
		discard()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &Objects{Reading: body, Lacks: Verdict(body.Gaps()), Discard: discard}, nil
}
