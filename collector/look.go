package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/payload"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
)

// Query says where the records come from that a command for people looks at.
type Query struct {
	File       string   // a saved inventory of any kind, "-" for stdin; empty: the live cluster
	Namespaces []string // by exact name; empty: as namespace-selectors say
	All        bool     // every namespace, whatever the settings say
	Selector   string   // of the labels of pods, as kubectl's -l
}

// look does something for people, with the settings and within their deadline.
// Unlike a run it says nothing that was not asked for: only what goes wrong, in
// plain words.
func look(ctx context.Context, inv Invocation, do func(*run, context.Context) error) Code {
	limitMemory(os.DirFS(cgroups), inv.Environ)
	r := run{inv: inv, began: time.Now()}
	r.summary.Version, r.summary.Started = inv.Build.Version, r.began.UTC().Truncate(time.Second)
	err := r.quietly()
	if err == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.set.Run.Deadline, errDeadline)
		defer cancel()
		r.inv.Stdout = WhileRunning(ctx, r.inv.Stdout)
		endWith(ctx, r.inv.Stderr)
		err = do(&r, ctx)
	}
	r.closeAll()
	if err != nil && !errors.Is(err, errDifferent) { // which is an answer
		fmt.Fprintf(inv.Stderr, "stocktake: %s\n", plaintext.Escape(reason(ctx, err)))
	}
	return codeOf(ctx, err)
}

// quietly reads the settings and sets up a readable log of warnings, unless the
// settings want another.
func (r *run) quietly() error {
	set, err := load(r.inv)
	if _, given := set.Values["log.level"]; !given {
		set.Run.LogLevel = "warn"
	}
	set.Run.LogStructured = cmp.Or(set.Run.LogStructured, "false")
	set.Run.AllowEmpty = true // an empty cluster is an answer
	r.progress = newProgress(r.inv, set.Run, r.began)
	log, logErr := newLogger(r.progress, set.Run)
	r.set, r.log = set, log
	for _, w := range set.Warnings {
		r.log.Debug().Msg(w) // it concerns deliveries
	}
	if err = errors.Join(err, logErr); err != nil {
		return err // what was not understood has no value to judge
	}
	return set.Run.validate()
}

// records passes the pods that a query asks for to a visitor, and returns what
// else is known. A view that is not whole is an error, unless allow-incomplete
// is set: then the gaps are in the outcome, and partial says so at the end.
func (r *run) records(ctx context.Context, q Query, v inventory.Visitor) (*payload.Loaded, error) {
	selector, err := kube.ParseSelector(q.Selector)
	if err != nil {
		return nil, err
	}
	if r.selection, err = r.set.Select.narrowed(q).selection(); err != nil {
		return nil, err
	}
	if q.File != "" {
		return r.recordsOfFile(q, selector, v)
	}
	return r.recordsOfCluster(ctx, selector, v)
}

// narrowed puts the namespaces of a query in the place of those of the settings.
func (o SelectOptions) narrowed(q Query) SelectOptions {
	if q.All {
		return SelectOptions{}
	}
	if len(q.Namespaces) > 0 {
		return SelectOptions{Include: q.Namespaces}
	}
	return o
}

// recordsOfCluster reads the live cluster by the same way as a run.
func (r *run) recordsOfCluster(ctx context.Context, selector kube.Selector, v inventory.Visitor) (*payload.Loaded, error) {
	o := r.set.Kube
	o.OfWhichPods = selector
	none := kube.Keep{Labels: func([]byte) bool { return false }} // no view shows any
	o.OfPods, o.OfNodes, o.OfNamespaces = none, none, none
	if err := r.dial(o); err != nil {
		return nil, err
	}
	r.looking = v
	for _, phase := range []func(context.Context) error{r.preflight, r.describe, r.platforms, r.pods} {
		if err := phase(ctx); err != nil {
			return nil, err
		}
	}
	return &payload.Loaded{
		Cluster:    cmp.Or(r.set.Run.ClusterID, r.set.Run.LegacyCluster, r.cluster.Host()),
		ClusterUID: r.head.ClusterUID, Time: r.summary.Started, Server: r.head.Server,
		Namespaces: r.head.Namespaces, Nodes: r.head.Nodes,
		Outcome: &inventory.Outcome{Complete: r.summary.complete(), Gaps: r.summary.Gaps, Listing: r.listing, Finished: time.Now()},
	}, nil
}

// stock reads what a query asks for into the model of all views.
func (r *run) stock(ctx context.Context, q Query) (*report.Stock, error) {
	s := report.NewStock()
	from, err := r.records(ctx, q, s)
	if err != nil {
		return nil, err
	}
	s.SetNodes(from.Nodes)
	s.About = about(from)
	s.About.Selection = q.words()
	return s, nil
}

func about(from *payload.Loaded) report.About {
	a := report.About{Cluster: from.Cluster, ClusterUID: from.ClusterUID, Server: from.Server.GitVersion, Collected: from.Time}
	if o := from.Outcome; o != nil {
		a.Partial, a.Gaps, a.Consistency = !o.Complete, o.Gaps, o.Listing.Consistency
	}
	return a
}

// words say what the query leaves out, nothing if it leaves out nothing.
func (q Query) words() string {
	var words []string
	if len(q.Namespaces) > 0 && !q.All {
		words = append(words, "namespace "+strings.Join(q.Namespaces, ", "))
	}
	if q.Selector != "" {
		words = append(words, "labels "+q.Selector)
	}
	return strings.Join(words, "; ")
}

// partial is the last word on a view: an error if it is not whole.
func partial(a report.About) error {
	switch {
	case !a.Partial:
		return nil
	case len(a.Gaps) == 0:
		return fmt.Errorf("%w: the inventory was saved as incomplete", errIncomplete)
	}
	return fmt.Errorf("%w: without what could not be read: %s", errIncomplete, a.Gaps[0].Reason)
}
