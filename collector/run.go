package collector

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/metrics"
	"stocktake/collector/payload"
	"stocktake/collector/report"
)

// Run makes one collection and returns the exit code. It has logged everything
// there is to say when it returns.
func Run(ctx context.Context, inv Invocation) Code {
	inv.measured = true
	return execute(ctx, inv, (*run).prepare, (*run).collect)
}

// execute does something with the settings, within the deadline that they give,
// and ends with a summary whatever happens.
func execute(ctx context.Context, inv Invocation, prepare func(*run) error, do func(*run, context.Context) error) Code {
	limitMemory(os.DirFS(cgroups), inv.Environ)
	r := run{inv: inv, began: time.Now()}
	r.log, _ = newLogger(inv.Stderr, RunOptions{}) // until the settings say what it is like
	r.summary.Version, r.summary.Started = inv.Build.Version, r.began.UTC().Truncate(time.Second)
	err := kube.Caught(r.settings)
	if err == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.set.Run.Deadline, errDeadline)
		defer cancel()
		r.inv.Stdout = WhileRunning(ctx, r.inv.Stdout)
		endWith(ctx, r.inv.Stderr)
		err = kube.Caught(func() error { return prepare(&r) })
	}
	for _, w := range r.set.Warnings { // after the line that names the cluster
		r.log.Warn().Msg(w)
	}
	if err == nil {
		err = kube.Caught(func() error { return do(&r, ctx) })
	}
	r.trace(err)
	return r.finish(ctx, err)
}

// run is one collection on its way through the phases.
type run struct {
	inv          Invocation
	began        time.Time
	set          loaded
	log          zerolog.Logger
	progress     *progress
	summary      Summary
	cluster      *kube.Cluster
	selection    selection
	labels       func([]byte) bool  // of namespaces that may leave the cluster; nil: all
	router       *router            // nil when everything goes to one account
	targets      []*target          // who gets the result
	anchore      *deliver.Anchore   // nil when it is not among them
	reported     []deliver.Delivery // to Anchore
	untold       bool               // a failure is still to be told to Anchore's list of integrations
	encoders     []*encoder         // one for each kind of body
	printed      string             // the form in which the result is printed: "", table or json
	table        *report.Table      // nil unless printed
	looking      inventory.Visitor  // a view for people, nil in a run
	census       *metrics.Census    // nil unless somebody wants metrics
	head         payload.Head
	unordered    bool                // the API server lists in an order of its own
	mixed        bool                // the namespaces that were listed are of several moments
	listing      inventory.Listing   // of the pods
	wholeListing bool                // it is that of all namespaces, and came to its end
	accountsOf   map[string][]string // of each namespace, when there are routes
	gap          error               // the first that was tolerated
	closers      []func()            // end what outlives a request: idle connections
}

// settings reads them, and sets up the log as they say.
func (r *run) settings() error {
	set, err := load(r.inv)
	r.progress = newProgress(r.inv, set.Run, r.began)
	log, logErr := newLogger(r.progress, set.Run)
	r.set, r.log = set, log
	if err = errors.Join(err, logErr); err != nil {
		return err
	}
	return set.Run.validate()
}

// prepare makes what needs no network, so that a mistake in the settings costs
// nobody anything.
func (r *run) prepare() error {
	for _, step := range r.preparations() {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// preparations are the steps of prepare. Doctor goes on to the next after one
// that failed.
func (r *run) preparations() []func() error {
	return []func() error{r.name, r.prepareMetrics, r.choose, r.aim, r.connect}
}

func (r *run) name() (err error) {
	r.summary.Cluster, err = r.set.Run.cluster()
	return err
}

// choose finds out which namespaces are meant, and whose they are.
func (r *run) choose() error {
	var err, routeErr error
	r.selection, err = r.set.Select.selection()
	r.router, routeErr = r.set.Route.router(r.set.Anchore.Account)
	return errors.Join(err, routeErr)
}

// connect prepares the way to the API server.
func (r *run) connect() error {
	o := r.set.Kube
	if err := r.set.Metadata.apply(&o); err != nil {
		return err
	}
	r.labels, o.OfNamespaces.Labels = o.OfNamespaces.Labels, nil // routes go by them
	return r.dial(o)
}

func (r *run) dial(o kube.Options) error {
	o.UserAgent, o.OnEvent, o.Terminal, o.PluginEnviron = r.userAgent(), r.onKube, r.terminal(), Catalog().WithoutSecrets(r.inv.Environ)
	o.Selected = r.selection.match
	o.Described = func() inventory.Cluster { return inventory.Cluster{Server: r.head.Server, Nodes: r.head.Nodes} }
	var err error
	if r.cluster, err = kube.Connect(o); err != nil {
		return err
	}
	r.closers = append(r.closers, r.cluster.Close)
	r.log.Info().Str("from", r.cluster.Origin()).Msg("the cluster is " + r.cluster.Host())
	if r.cluster.Insecure() {
		r.log.Warn().Msg("insecure-skip-tls-verify: the certificate of the API server is not verified, anyone in between can read the token: give the kubeconfig its certificate-authority")
	}
	return nil
}

// terminal is where a person sits, if one does: who reads what is said need not be
// able to answer.
func (r *run) terminal() kube.Terminal {
	var t kube.Terminal
	if !isTerminal(r.inv.Stderr) {
		return t
	}
	t.Out = r.progress
	if isTerminal(os.Stdin) {
		t.In = os.Stdin
	}
	return t
}

func (r *run) userAgent() string { return "stocktake/" + r.inv.Build.Version }

// collect is the flow of the design, one way only.
func (r *run) collect(ctx context.Context) error {
	r.untold = true
	for _, phase := range []struct {
		seconds *float64
		do      func(context.Context) error
	}{
		{&r.summary.Seconds.Preflight, r.preflight},
		{&r.summary.Seconds.Cluster, r.describe},
		{&r.summary.Seconds.Pods, r.pods},
		{&r.summary.Seconds.Delivery, r.hand},
	} {
		start := time.Now()
		err := phase.do(ctx)
		*phase.seconds = roundSeconds(time.Since(start))
		if err != nil {
			return err
		}
	}
	return r.verdict()
}

// closeAll ends what outlives a request. Whoever asks again afterwards connects anew.
func (r *run) closeAll() {
	for _, end := range r.closers {
		end()
	}
}

// finish writes the summary: the last log line and, in a pod, the termination
// message.
func (r *run) finish(ctx context.Context, err error) Code {
	for _, e := range r.encoders {
		e.discard()
	}
	s := &r.summary
	s.Code, s.Complete = codeOf(ctx, err), err == nil
	switch {
	case err != nil:
		s.Reason = reason(ctx, err)
	case len(r.targets) == 0:
		s.Reason = "printed, complete"
	default:
		s.Reason = "delivered, complete"
	}
	s.Seconds.Total = roundSeconds(time.Since(r.began))
	r.closeAll()                                                                        // there may be no file to spare
	if err := s.writeTermination(r.inv.Environ, r.set.Run.TerminationLog); err != nil { //nolint:contextcheck // that of the run may have ended, and this must be written
		r.log.Warn().Err(err).Msg("the termination message was not written")
	}
	r.registerFailure(ctx)
	r.closeAll()
	r.measure(ctx)
	s.write(r.log, readable(r.inv.Stderr, r.set.Run))
	return s.Code
}
