package collector

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"

	"stocktake/collector/deliver"
	"stocktake/collector/history"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/metrics"
	"stocktake/collector/payload"
	"stocktake/collector/report"
	"stocktake/collector/terminal"
	"stocktake/collector/workload"
)

// Rights are what a run with these settings asks of the API server, no more and no
// less: those of reading what its collections are made of (the first of them, as many
// as needed says), and in a pod those of finding the CronJob that it belongs to. Those of
// whole objects are given, because they may depend on the cluster. The namespace is the one
// that the pod is in, empty outside of a cluster.
func (s Settings) Rights(chosen workload.Selection, ofObjects []kube.Right, namespace string) (rights []kube.Right, needed int) {
	switch {
	case !s.onlyObjects():
		rights = chosen.Scope().Rights(Reads())
	case !chosen.All():
		rights = chosen.Scope().Rights([]kube.Resource{kube.Namespaces()})
	}
	if s.Infralight.Configured() && s.Objects.Enabled && !s.Run.DryRun {
		_, only := chosen.Named()
		system := kube.Scope{ByName: only, Namespaces: []string{"kube-system"}} // by whose UID it knows clusters
		ofObjects = append(system.Rights([]kube.Resource{kube.Namespaces()}), ofObjects...)
	}
	for _, right := range ofObjects {
		if !slices.Contains(rights, right) {
			rights = append(rights, right)
		}
	}
	needed = len(rights)
	if s.Introduces() && namespace != "" {
		rights = append(rights, workload.CronJobRights(namespace)...)
	}
	return rights, needed
}

// Introduces reports whether runs register as an integration of Anchore.
func (s Settings) Introduces() bool {
	return s.Registration.Enabled && s.Anchore.Configured() && !s.Run.DryRun
}

// inventoryMaker makes the bodies, the table and the counts of an inventory while pods
// come.
type inventoryMaker struct {
	session  *Session
	plan     *Plan
	head     payload.Head
	accounts map[string][]string  // of each namespace, when there are routes
	bodies   []*encoder           // one for each kind of body
	table    *report.Table        // nil unless it is printed
	images   *metrics.ImageCounts // nil unless somebody wants metrics
	seen     *history.Recorder    // nil unless the run is recorded
	all      inventory.Tee
	failed   error // why it could not begin again
}

// encoder makes the bodies of one kind, for all receivers of that kind.
type encoder struct {
	kind    payload.Kind
	builder *payload.Builder
	done    []*payload.Body
}

// openInventory decides on the account of each namespace while it has all its labels,
// takes away those that must not leave the cluster, and opens what somebody wants. It
// returns nil if nobody wants an inventory.
func openInventory(s *Session, p *Plan, of inventory.Cluster) (*inventoryMaker, error) {
	if !p.inventory() {
		return nil, nil //nolint:nilnil // no inventory is not a mistake
	}
	m := &inventoryMaker{session: s, plan: p, head: payload.Head{
		Cluster: of.Name, ClusterUID: of.UID, Time: of.Collected, Server: of.Server, Namespaces: of.Namespaces, Nodes: of.Nodes,
		ToolVersion: s.Build.Version, Run: rand.Text(),
	}}
	if p.Router != nil {
		m.accounts = make(map[string][]string, len(of.Namespaces))
		m.head.Route = func(ns inventory.Namespace) []string { return m.accounts[ns.Name] }
	}
	m.route(of.Namespaces)
	if err := m.open(); err != nil {
		m.discard()
		return nil, err
	}
	return m, nil
}

func (m *inventoryMaker) route(namespaces []inventory.Namespace) {
	if m.plan.Router != nil {
		for _, ns := range namespaces {
			m.accounts[ns.Name] = m.plan.Router.Route(ns)
		}
	}
	if m.plan.labels != nil {
		withoutLabels(namespaces, m.plan.labels)
	}
}

// withoutLabels removes the labels of namespaces that the filter does not keep.
func withoutLabels(namespaces []inventory.Namespace, filter func([]byte) bool) {
	for i := range namespaces {
		ns := &namespaces[i]
		ns.Labels = slices.DeleteFunc(slices.Clone(ns.Labels), func(l inventory.Label) bool { return !filter([]byte(l.Key)) })
	}
}

// open begins with an encoder for each kind of body that somebody wants, and with what
// is printed and counted.
func (m *inventoryMaker) open() error {
	m.bodies, m.table, m.images, m.seen, m.all = nil, nil, nil, nil, nil
	o := m.session.Settings.Payload
	for _, kind := range m.plan.kinds {
		builder, err := payload.New(kind, m.head, o)
		if err != nil {
			return err
		}
		m.bodies, m.all = append(m.bodies, &encoder{kind: kind, builder: builder}), append(m.all, builder)
	}
	if m.plan.prints == printsTable {
		naming, err := o.Naming()
		if err != nil {
			return err
		}
		m.table = report.NewTable(naming)
		m.all = append(m.all, onlyRunning(m.table, o.IgnoreNotRunning))
	}
	if m.session.Settings.measured() {
		m.images = &metrics.ImageCounts{}
		m.all = append(m.all, onlyRunning(m.images, o.IgnoreNotRunning))
	}
	if m.session.Settings.records() {
		m.seen = history.NewRecorder()
		m.all = append(m.all, onlyRunning(m.seen, o.IgnoreNotRunning))
	}
	return nil
}

// onlyRunning lets pods through as ignore-not-running says; encoders see to it by
// themselves, because they count what they leave out.
func onlyRunning(to inventory.Visitor, ignoreNotRunning bool) inventory.Visitor {
	if !ignoreNotRunning {
		return to
	}
	return inventory.Filter{Visitor: to, Pods: func(p *inventory.Pod) bool { return p.Phase == inventory.Running }}
}

func (m *inventoryMaker) discard() {
	if m == nil {
		return
	}
	for _, e := range m.bodies {
		e.builder.Discard()
	}
}

// Pod implements inventory.Visitor.
func (m *inventoryMaker) Pod(p *inventory.Pod) error { return cmp.Or(m.failed, m.all.Pod(p)) }

// End implements inventory.Visitor.
func (m *inventoryMaker) End(namespace string, gap *inventory.Gap) error {
	return cmp.Or(m.failed, m.all.End(namespace, gap))
}

// Restart implements inventory.Restarter.
func (m *inventoryMaker) Restart() {
	m.discard()
	m.failed = m.open()
}

// AddNamespaces implements inventory.Extender.
func (m *inventoryMaker) AddNamespaces(found []inventory.Namespace) {
	m.route(found)
	m.head.Namespaces = append(m.head.Namespaces, found...)
	for _, e := range m.bodies {
		e.builder.AddNamespaces(found)
	}
}

// close finishes the bodies, delivers them and prints what was asked for.
func (m *inventoryMaker) close(ctx context.Context, outcome inventory.Outcome) (result, error) {
	res := result{inventory: true, images: m.images}
	var err error
	if res.counts, err = m.seal(outcome); err != nil {
		return res, err
	}
	res.delivered, err = sendAll(ctx, m.plan.Receivers, m.of)
	res.told = true
	to := m.plan.introduction(m.head.ClusterUID)
	to.deliveries = res.delivered.toAnchore
	register(ctx, m.session, to)
	if err != nil {
		return res, err
	}
	switch m.plan.prints {
	case printsTable:
		err = m.table.Write(m.session.Stdout)
	case printsJSON:
		err = printBodies(m.session.Stdout, m.of(m.session.Settings.PrintedKind()))
	}
	return res, err
}

// of returns the bodies of a kind.
func (m *inventoryMaker) of(kind payload.Kind) []*payload.Body {
	for _, e := range m.bodies {
		if e.kind == kind {
			return e.done
		}
	}
	return nil
}

// seal finishes what was encoded. When no namespace was read in full there is
// nothing to deliver, and the run fails with what it tolerated first.
func (m *inventoryMaker) seal(outcome inventory.Outcome) (counts payload.Stats, err error) {
	for i, e := range m.bodies {
		if e.done, err = e.builder.Close(outcome); err != nil {
			return counts, err
		}
		stats := e.builder.Stats()
		if i == 0 {
			counts = stats
		}
		if len(outcome.Gaps) > 0 && stats.Namespaces == 0 {
			return counts, fmt.Errorf("no namespace could be read in full: %w", outcome.Gaps[0].Cause)
		}
		if stats.Pods == 0 && !m.session.Settings.Run.AllowEmpty {
			return counts, fmt.Errorf("%w: not one pod in the inventory%s: it is not delivered unless allow-empty=true", ErrEmpty, notIn(stats.Left))
		}
	}
	return counts, nil
}

// notIn says what was left out, if anything was.
func notIn(left []payload.Left) string {
	if len(left) == 0 {
		return ""
	}
	return " (left out: " + leftOut(left) + ")"
}

// leftOut says how many records of each kind are in no body.
func leftOut(left []payload.Left) string {
	words := make([]string, len(left))
	for i, l := range left {
		words[i] = fmt.Sprintf("%d %s", l.Count, l.Reason)
	}
	return strings.Join(words, ", ")
}

// printBodies prints bodies in place of a delivery: in a pipe byte for byte, on a
// terminal with what this might obey in JSON's escaped form.
func printBodies(w io.Writer, bodies []*payload.Body) error {
	for _, body := range bodies {
		if err := deliver.Print(forTerminal(w), body); err != nil {
			return err
		}
	}
	return nil
}

func forTerminal(w io.Writer) io.Writer {
	if terminal.Is(w) {
		return &report.TerminalJSON{Out: w}
	}
	return w
}
