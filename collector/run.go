package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/payload"
	"stocktake/collector/report"
)

// Run makes one collection and returns the exit code. It has logged everything
// there is to say when it returns.
func Run(ctx context.Context, inv Invocation) Code {
	r := run{inv: inv, began: time.Now()}
	r.summary.Version, r.summary.Started = inv.Build.Version, r.began.UTC().Truncate(time.Second)
	err := r.prepare()
	if err == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.set.Run.Deadline, errDeadline)
		defer cancel()
		err = r.collect(ctx)
	}
	return r.finish(ctx, err)
}

// run is one collection on its way through the phases.
type run struct {
	inv     Invocation
	began   time.Time
	set     loaded
	log     zerolog.Logger
	summary Summary
	cluster *kube.Cluster
	anchore *deliver.Anchore // nil when nothing is delivered
	table   *report.Table    // nil unless asked for
	head    payload.Head
	gap     error // the first that was tolerated
}

// prepare reads the settings and makes what needs no network, so that a
// mistake there costs nobody anything.
func (r *run) prepare() error {
	set, err := load(r.inv)
	r.set, r.log = set, newLogger(r.inv.Stderr, set.Run)
	for _, w := range set.warnings {
		r.log.Warn().Msg(w)
	}
	if err == nil {
		err = set.Run.validate()
	}
	if err != nil {
		return err
	}
	r.summary.Cluster, _ = set.Run.cluster()
	if err := r.receivers(); err != nil {
		return err
	}
	r.set.Kube.UserAgent = r.userAgent()
	r.set.Kube.OnEvent = r.onKube
	r.cluster, err = kube.Connect(r.set.Kube)
	return err
}

func (r *run) userAgent() string { return "stocktake/" + r.inv.Build.Version }

// receivers decides where the result goes.
func (r *run) receivers() error {
	o := r.set.Run
	naming, err := r.set.Payload.Naming()
	if err != nil {
		return err
	}
	if o.Output == "table" {
		r.table = report.NewTable(naming)
	}
	if o.DryRun {
		return nil
	}
	if !r.set.Anchore.Configured() {
		if o.Output != "" {
			return nil
		}
		return fmt.Errorf("%w: nowhere to deliver to: set ANCHORE_URL, ANCHORE_USER and ANCHORE_PASSWORD, or print with -dry-run or -output table", errSettings)
	}
	r.anchore, err = deliver.NewAnchore(r.set.Anchore, r.userAgent(), r.onDelivery)
	return err
}

// collect is the flow of the design, one way only.
func (r *run) collect(ctx context.Context) error {
	if err := r.phase(&r.summary.Seconds.Preflight, func() error { return r.preflight(ctx) }); err != nil {
		return err
	}
	if err := r.phase(&r.summary.Seconds.Cluster, func() error { return r.describe(ctx) }); err != nil {
		return err
	}
	builder, err := payload.New(r.kind(), r.head, r.set.Payload)
	if err != nil {
		return err
	}
	defer builder.Discard()
	if err := r.phase(&r.summary.Seconds.Pods, func() error { return r.pods(ctx, builder) }); err != nil {
		return err
	}
	bodies, err := r.bodies(builder)
	if err != nil {
		return err
	}
	if err := r.phase(&r.summary.Seconds.Delivery, func() error { return r.hand(ctx, bodies) }); err != nil {
		return err
	}
	return r.verdict()
}

func (r *run) phase(seconds *float64, do func() error) error {
	start := time.Now()
	err := do()
	*seconds = roundSeconds(time.Since(start))
	return err
}

// preflight finds out whether the run can succeed before it costs anything.
func (r *run) preflight(ctx context.Context) error {
	if r.anchore != nil {
		if err := r.anchore.Preflight(ctx); err != nil {
			return err
		}
	}
	version, err := r.cluster.Version(ctx)
	if err != nil {
		return err
	}
	r.head.Server = version
	return r.cluster.Preflight(ctx)
}

// kind is the form of the body that the receiver reads.
func (r *run) kind() payload.Kind {
	if r.anchore != nil {
		return r.anchore.Kind()
	}
	return r.set.Anchore.Kind()
}

// describe reads what the pods refer to.
func (r *run) describe(ctx context.Context) error {
	namespaces, _, err := r.cluster.Namespaces(ctx)
	if err != nil {
		return err
	}
	nodes, _, err := r.cluster.Nodes(ctx)
	if err = r.tolerate(ctx, "nodes", err); err != nil {
		return err
	}
	r.summary.Namespaces, r.summary.Nodes = len(namespaces), len(nodes)
	r.head.Cluster, r.head.Time = r.summary.Cluster, r.summary.Started
	r.head.Namespaces, r.head.Nodes = namespaces, nodes
	return nil
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
	r.summary.Gaps = append(r.summary.Gaps, inventory.Gap{Source: source, Reason: err.Error()})
	r.gap = cmp.Or(r.gap, err)
	return nil
}

// pods passes every pod once to the encoder and to the table.
func (r *run) pods(ctx context.Context, builder *payload.Builder) error {
	var visitor kube.Visitor = builder
	if r.table != nil {
		visitor = both{builder, r.shown()}
	}
	listing, err := r.cluster.Pods(ctx, visitor)
	r.summary.listed(listing)
	if err := r.tolerate(ctx, "pods", err); err != nil {
		return err
	}
	if listing.Items == 0 && err == nil && !r.set.Run.AllowEmpty {
		return fmt.Errorf("%w: not one pod in %d namespaces: an empty inventory is not delivered unless allow-empty=true", errEmpty, r.summary.Namespaces)
	}
	return nil
}

func (r *run) shown() kube.Visitor {
	if r.set.Payload.IgnoreNotRunning {
		return running{r.table}
	}
	return r.table
}

// running lets pods through to the table as ignore-not-running says; the encoder
// sees to it by itself, because it counts what it leaves out.
type running struct{ kube.Visitor }

func (v running) Pod(p *inventory.Pod) error {
	if p.Phase != inventory.Running {
		return nil
	}
	return v.Visitor.Pod(p)
}

// both shows every pod to two visitors.
type both struct{ first, second kube.Visitor }

func (b both) Pod(p *inventory.Pod) error {
	if err := b.first.Pod(p); err != nil {
		return err
	}
	return b.second.Pod(p)
}

func (b both) End(namespace string, gap *inventory.Gap) error {
	if err := b.first.End(namespace, gap); err != nil {
		return err
	}
	return b.second.End(namespace, gap)
}

// bodies finishes what was encoded. When no namespace was read in full there is
// nothing to deliver, and the run fails with what it tolerated first.
func (r *run) bodies(builder *payload.Builder) ([]*payload.Body, error) {
	bodies, err := builder.Close(r.summary.complete())
	if err != nil {
		return nil, err
	}
	r.summary.counted(builder.Stats())
	if r.gap != nil && r.summary.Counts.Namespaces == 0 {
		return nil, fmt.Errorf("no namespace could be read in full: %w", r.gap)
	}
	return bodies, nil
}

// hand prints the result, or delivers it, or both.
func (r *run) hand(ctx context.Context, bodies []*payload.Body) error {
	if r.anchore != nil {
		if err := r.deliver(ctx, bodies); err != nil {
			return err
		}
	}
	switch {
	case r.table != nil:
		return r.table.Write(r.inv.Stdout)
	case r.set.Run.DryRun || r.set.Run.Output == "json":
		return r.print(bodies)
	}
	return nil
}

func (r *run) print(bodies []*payload.Body) error {
	for _, body := range bodies {
		if err := deliver.Print(r.inv.Stdout, body); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends every body; one that fails does not keep the others back.
func (r *run) deliver(ctx context.Context, bodies []*payload.Body) error {
	var errs []error
	for _, body := range bodies {
		receipt, err := r.anchore.Deliver(ctx, body)
		r.summary.delivered(receipt, body, err)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// verdict is the last word on a run in which nothing failed outright.
func (r *run) verdict() error {
	if r.summary.complete() {
		return nil
	}
	return fmt.Errorf("%w: delivered without what could not be read: %s", errIncomplete, r.summary.Gaps[0].Reason)
}

// finish writes the summary: the last log line and, in a pod, the termination
// message.
func (r *run) finish(ctx context.Context, err error) Code {
	s := &r.summary
	s.Code, s.Reason = codeOf(ctx, err), reason(ctx, err)
	s.Complete = err == nil
	s.Seconds.Total = roundSeconds(time.Since(r.began))
	if err := s.writeTermination(r.inv.Environ, r.set.Run.TerminationLog); err != nil {
		r.log.Warn().Err(err).Msg("the termination message was not written")
	}
	s.write(r.log)
	return s.Code
}
