package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/metrics"
	"stocktake/collector/objects"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/workload"
)

// Plan is what a run is going to do. It is made from the settings alone, so that a
// mistake in them costs nobody anything: nothing is asked of the network.
type Plan struct {
	Cluster   string // the name under which receivers know it
	Selection workload.Selection
	Router    *deliver.Router // nil when everything goes to one account
	Receivers []Receiver      // who gets the result
	prints    string          // the form in which the result is printed: "", table or json
	kinds     []payload.Kind  // of the bodies of an inventory that somebody gets, each once
	objects   *objects.Plan   // nil when nobody gets whole objects
	records   bool            // what was seen goes into the history
	reader    *reader         // nil when the settings lead to no cluster
	labels    func([]byte) bool
}

// NewPlan makes a plan. Each step that fails is told to failed, which says whether to
// go on with the next: a run stops at the first mistake, doctor finds all of them.
func NewPlan(s *Session, failed func(error) (goOn bool)) *Plan {
	p := &Plan{}
	stops := func(err error) bool { return err != nil && !failed(err) }
	var err error
	if p.Cluster, err = s.Settings.Run.Name(); stops(err) {
		return p
	}
	if stops(s.Settings.checkMetrics()) {
		return p
	}
	if p.records = s.Settings.records(); stops(s.Settings.History.Check()) {
		return p
	}
	if p.Selection, p.Router, err = chosen(s.Settings); stops(err) {
		return p
	}
	if p.Receivers, p.prints, err = outputs(s); stops(err) {
		return p
	}
	if p.kinds, p.objects, err = products(s, p); stops(err) {
		return p
	}
	if p.reader, p.labels, err = p.connect(s); stops(err) {
		return p
	}
	return p
}

// Check finds the values that a run refuses before it asks anybody, in the words of the
// run. It does not judge what is missing, and leaves receivers to the plan: whoever
// looks at settings need not have the password that a pod gets from its Secret.
func (s Settings) Check() error {
	var nameErr error
	if s.Run.ClusterID != "" {
		_, nameErr = s.Run.Name()
	}
	_, _, chosenErr := chosen(s)
	p := s.Payload
	p.SpoolDir = "" // the machine that runs has it
	_, namingErr := p.Naming()
	_, keepErr := s.Metadata.Keeps()
	_, objectsErr := objects.NewPlan(s.Groups, append(s.objectKinds(), payload.Kind(s.Run.OutputKind)), s.Run.AllowIncomplete)
	return errors.Join(s.Run.Check(), nameErr, s.checkMetrics(), s.History.Check(), chosenErr, namingErr, keepErr, objectsErr, s.Kube.Check(), s.Identity.Check())
}

// chosen finds out which namespaces are meant, and whose they are.
func chosen(s Settings) (workload.Selection, *deliver.Router, error) {
	selection, err := s.Select.Selection()
	router, routeErr := s.Route.Router(s.Anchore.Account)
	return selection, router, errors.Join(err, routeErr)
}

// connect prepares the connection to the API server. Labels of namespaces are read
// whole, because routes go by them: the filter for those that may leave the cluster is
// returned.
func (p *Plan) connect(s *Session) (r *reader, labels func([]byte) bool, err error) {
	keeps, err := s.Settings.Metadata.Keeps()
	if err != nil {
		return nil, nil, err
	}
	labels, keeps.Namespaces.Labels = keeps.Namespaces.Labels, nil
	r, err = connect(s, keeps, scope{Selection: p.Selection, incomplete: s.Settings.Run.AllowIncomplete, empty: s.Settings.Run.AllowEmpty})
	return r, labels, err
}

// newPlan makes the plan of a run.
func newPlan(s *Session) (p *Plan, err error) {
	p = NewPlan(s, func(e error) bool {
		err = e
		return false
	})
	return p, err
}

// Kube is the API server, nil when the settings lead to none.
func (p *Plan) Kube() *kube.Cluster {
	if p.reader == nil {
		return nil
	}
	return p.reader.cluster
}

// Namespaces reads those that are named, or all, of which the run chooses.
func (p *Plan) Namespaces(ctx context.Context) ([]inventory.Namespace, inventory.Outcome, error) {
	return p.reader.namespaces(ctx)
}

// Close ends what outlives a request: idle connections. Whoever asks again afterwards
// connects anew.
func (p *Plan) Close() {
	for i := range p.Receivers {
		p.Receivers[i].close()
	}
	if p.reader != nil {
		p.reader.cluster.Close()
	}
}

// complete reports whether no step has failed.
func (p *Plan) complete() bool { return p.reader != nil }

// introduction is what Anchore's list of integrations is told of a run with this plan.
func (p *Plan) introduction(clusterUID string) introduction {
	i := introduction{cluster: p.Cluster, clusterUID: clusterUID, api: p.Kube()}
	for _, r := range p.Receivers {
		if r.anchore != nil {
			i.anchore = r.anchore
		}
	}
	return i
}

// outputs decides who gets the result and in which form it is printed.
func outputs(s *Session) (receivers []Receiver, prints string, err error) {
	if _, err := s.Settings.Payload.Naming(); err != nil {
		return nil, "", err
	}
	if !s.Settings.Run.DryRun {
		if receivers, err = openReceivers(s); err != nil {
			return receivers, "", err
		}
	}
	prints = printedForm(s, len(receivers))
	if len(receivers) == 0 && prints == "" && !s.Settings.records() {
		err = fmt.Errorf("%w: nowhere to deliver to: set ANCHORE_URL, ANCHORE_USER and ANCHORE_PASSWORD, or another receiver (deliver.http.url, deliver.file.path), or history.url to record what runs, or print with -dry-run or -output table", settings.ErrInvalid)
	}
	return receivers, prints, err
}

// printedForm returns the form in which the result is printed, empty if it is not.
// Settings files of KAI name a form whether or not anybody looks at stdout, so
// there it counts only when nothing is delivered or printing is asked for.
func printedForm(s *Session, receivers int) string {
	o := s.Settings.Run
	asked := o.DryRun || o.Verbose || receivers == 0 || !s.Given.Values["output"].FromFile()
	switch {
	case !asked:
		return ""
	case o.Output == "" && (o.DryRun || o.Verbose):
		return printsJSON
	}
	return o.Output
}

// PrintedKind is the kind of body that is printed: the one that was asked for,
// else that of the first receiver there is or would be.
func (s Settings) PrintedKind() payload.Kind {
	switch {
	case s.Run.OutputKind != "":
		return payload.Kind(s.Run.OutputKind)
	case s.Anchore.Configured():
		return s.Anchore.Kind()
	case s.HTTP.Configured():
		return payload.Kind(s.HTTP.Kind)
	case s.File.Configured():
		return payload.Kind(s.File.Kind)
	}
	return s.Anchore.Kind()
}

// inventory reports whether somebody gets an inventory.
func (p *Plan) inventory() bool { return len(p.kinds) > 0 || p.prints == printsTable || p.records }

// OnlyObjects reports whether a run reads whole objects, and nothing for an inventory.
func (p *Plan) OnlyObjects() bool { return p.objects != nil && !p.inventory() }

// ProbeObjects finds out what a run would find of whole objects. It returns nil if nobody gets
// any.
func (p *Plan) ProbeObjects(ctx context.Context) (*objects.Prospect, error) {
	if p.objects == nil {
		return nil, nil //nolint:nilnil // no objects is not a mistake
	}
	_, byName := p.Selection.Named()
	chosen, err := p.objects.Choose(ctx, p.Kube(), byName)
	if err != nil {
		return nil, err
	}
	found := p.objects.Probe(ctx, p.Kube(), p.Selection.Scope(), chosen)
	return &found, nil
}

// Reads are the resources that an inventory is made of. Preflight, the rights of a run,
// doctor's checks and the roles that rbac prints follow from it.
func Reads() []kube.Resource {
	return []kube.Resource{workload.Pods(), kube.Namespaces(), workload.Nodes()}
}

// reads are the resources that the inventory is made of, or else what tells which namespaces
// there are, where that matters to the objects.
func (p *Plan) reads() []kube.Resource {
	switch {
	case p.inventory():
		return Reads()
	case p.Selection.All():
		return nil
	}
	return []kube.Resource{kube.Namespaces()}
}

// products are what somebody gets of a run: the kinds of the bodies of an inventory, and whole
// objects.
func products(s *Session, p *Plan) (kinds []payload.Kind, of *objects.Plan, err error) {
	var chunked []payload.Kind
	add := func(kind payload.Kind) {
		into := &kinds
		if kind.Chunked() {
			into = &chunked
		}
		if !slices.Contains(*into, kind) {
			*into = append(*into, kind)
		}
	}
	for _, r := range p.Receivers {
		add(r.Kind)
	}
	if p.prints == printsJSON {
		add(s.Settings.PrintedKind())
	}
	if p.records && len(kinds)+len(chunked) == 0 && p.prints == "" {
		add(payload.Stocktake) // which nobody gets, and which counts what was seen
	}
	if err := s.Settings.checkObjects(chunked); err != nil || len(chunked) == 0 {
		return kinds, nil, err
	}
	of, err = objects.NewPlan(s.Settings.Groups, chunked, s.Settings.Run.AllowIncomplete)
	return kinds, of, err
}

// checkObjects refuses objects that nobody gets, and receivers that get none. A run that only
// prints may print something else.
func (s Settings) checkObjects(wanted []payload.Kind) error {
	switch enabled := s.Objects.Enabled; {
	case enabled && len(wanted) == 0 && !s.Run.DryRun:
		return settings.Invalid("objects.enabled", "true, and nobody gets the objects: set deliver.http.kind or deliver.file.kind to objects or k8s-collector, or deliver.infralight.access-key and its secret-key, or print them with -dry-run and -set output-kind=objects")
	case !enabled && len(s.objectKinds()) > 0:
		return settings.Invalid("objects.enabled", "false, and a receiver takes the kind %s: set objects.enabled=true too, or another kind", s.objectKinds()[0])
	}
	return nil
}

// objectKinds are the kinds of bodies of whole objects that receivers take.
func (s Settings) objectKinds() (kinds []payload.Kind) {
	if kind := payload.Kind(s.HTTP.Kind); s.HTTP.Configured() && kind.Chunked() {
		kinds = append(kinds, kind)
	}
	if kind := payload.Kind(s.File.Kind); s.File.Configured() && kind.Chunked() {
		kinds = append(kinds, kind)
	}
	if s.Infralight.Configured() {
		kinds = append(kinds, payload.Infralight)
	}
	return kinds
}

// getsObjects reports whether somebody gets whole objects. A run that only prints them need
// not have them switched on.
func (s Settings) getsObjects() bool {
	return s.Objects.Enabled || s.Run.DryRun && s.PrintedKind().Chunked()
}

// onlyObjects reports whether nobody gets an inventory.
func (s Settings) onlyObjects() bool {
	if s.Run.DryRun {
		return s.Run.Output != printsTable && s.PrintedKind().Chunked()
	}
	receivers := 0
	for _, configured := range []bool{s.Anchore.Configured(), s.HTTP.Configured(), s.File.Configured(), s.Infralight.Configured()} {
		if configured {
			receivers++
		}
	}
	return s.Objects.Enabled && receivers > 0 && len(s.objectKinds()) == receivers && s.Run.Output == "" && !s.Run.Verbose && !s.records()
}

// unprinted names what a run would send besides what it prints, empty if it is nothing.
func (p *Plan) unprinted(s Settings) string {
	kinds := s.objectKinds()
	if !s.Run.DryRun || p.objects != nil || !s.Objects.Enabled || len(kinds) == 0 {
		return ""
	}
	kind := kinds[0]
	if kind == payload.Infralight { // which nobody prints
		kind = payload.Objects
	}
	return fmt.Sprintf("whole objects would be sent too, and are not read for this: print them with -dry-run and -set output-kind=%s", kind)
}

// The forms in which a result is printed.
const (
	printsTable = "table"
	printsJSON  = "json"
)

// result is what came of a collection.
type result struct {
	counts    payload.Stats
	images    *metrics.ImageCounts // nil unless somebody wants metrics
	objects   *objects.Counts      // nil unless somebody wants objects
	gaps      []inventory.Gap      // that are not those of the reading of pods
	delivered delivered
	inventory bool // it is that of the inventory, which alone has counts and images
	told      bool // Anchore's list of integrations knows, or was to be told
}
