package collector

import (
	"context"
	"errors"
	"fmt"

	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/metrics"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// Plan is what a run is going to do. It is made from the settings alone, so that a
// mistake in them costs nobody anything: nothing is asked of the network.
type Plan struct {
	Cluster   string // the name under which receivers know it
	Selection Selection
	Router    *deliver.Router // nil when everything goes to one account
	Receivers []Receiver      // who gets the result
	prints    string          // the form in which the result is printed: "", table or json
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
	if p.Selection, p.Router, err = chosen(s.Settings); stops(err) {
		return p
	}
	if p.Receivers, p.prints, err = outputs(s); stops(err) {
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
	return errors.Join(s.Run.Check(), nameErr, s.checkMetrics(), chosenErr, namingErr, keepErr, s.Kube.Check(), s.Identity.Check())
}

// chosen finds out which namespaces are meant, and whose they are.
func chosen(s Settings) (Selection, *deliver.Router, error) {
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
	if len(receivers) == 0 && prints == "" {
		err = fmt.Errorf("%w: nowhere to deliver to: set ANCHORE_URL, ANCHORE_USER and ANCHORE_PASSWORD, or another receiver (deliver.http.url, deliver.file.path), or print with -dry-run or -output table", settings.ErrInvalid)
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
		return "json"
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

// collection is one product of a run.
type collection struct {
	name  string
	reads []kube.Resource // preflight, the rights of a run, doctor's checks and the roles that rbac prints follow from it
	// open makes the consumer. What it holds is given back by discard.
	open func(*Session, *Plan, inventory.Cluster) (c consumer, discard func(), err error)
}

// consumer makes a collection of what is read, and closes it: finishes, delivers and
// prints it.
type consumer interface {
	inventory.Visitor
	Close(context.Context, inventory.Outcome) (result, error)
}

// result is what came of a collection.
type result struct {
	counts    payload.Stats
	images    *metrics.ImageCounts // nil unless somebody wants metrics
	delivered delivered
	told      bool // Anchore's list of integrations knows, or was to be told
}

// consumers are those of all collections of a run.
type consumers struct {
	all      []consumer
	discards []func()
}

// openAll opens collections. What they hold is given back by discard, also after an
// error.
func openAll(s *Session, p *Plan, of inventory.Cluster, all []collection) (opened consumers, err error) {
	for _, c := range all {
		one, discard, err := c.open(s, p, of)
		if err != nil {
			return opened, err
		}
		opened.all, opened.discards = append(opened.all, one), append(opened.discards, discard)
	}
	return opened, nil
}

func (c consumers) discard() {
	for _, one := range c.discards {
		one()
	}
}

// visitor shows each pod to all consumers.
func (c consumers) visitor() inventory.Visitor {
	var tee inventory.Tee
	for _, one := range c.all {
		tee = append(tee, one)
	}
	return tee
}

// closeAll closes every collection; one that cannot be delivered does not keep the others
// back.
func (c consumers) closeAll(ctx context.Context, outcome inventory.Outcome) (results []result, err error) {
	var errs []error
	for _, one := range c.all {
		made, err := one.Close(ctx, outcome)
		results, errs = append(results, made), append(errs, err)
	}
	return results, errors.Join(errs...)
}
