package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stocktake/collector/deliver"
	"stocktake/collector/kube"
	"stocktake/collector/metrics"
	"stocktake/collector/settings"
)

// MetricsOptions say where the figures of a run are left for Prometheus, beside the
// Pushgateway of deliver.PushgatewayOptions.
type MetricsOptions struct {
	File    string        `setting:"metrics.file.path" doc:"file to leave the figures of each run in, for the textfile collector of node_exporter: name it NAME.prom"`
	Timeout time.Duration `setting:"metrics.timeout" envDefault:"5s" doc:"the longest that a run is kept waiting by its metrics, at most 1m"`
}

const metricsFile = "metrics.file.path"

// maxMetricsTimeout keeps metrics from using up what Kubernetes grants a pod that is
// to stop, and more.
const maxMetricsTimeout = time.Minute

// measures reports whether somebody wants metrics of this run. What a person looks
// at is none: it would count as the last run of the cluster.
func (r *run) measures() bool {
	return r.inv.measured && !r.set.Run.DryRun && (r.set.Metrics.File != "" || r.set.Pushgateway.Configured())
}

// prepareMetrics starts to count where somebody wants to know.
func (r *run) prepareMetrics() error {
	if !r.measures() {
		return nil
	}
	r.census = &metrics.Census{}
	return r.checkMetrics()
}

// checkMetrics finds wrong settings. Only these can keep a run from succeeding:
// whatever the world does to metrics is a warning.
func (r *run) checkMetrics() error {
	var errs []error
	if t := r.set.Metrics.Timeout; t <= 0 || t > maxMetricsTimeout {
		errs = append(errs, settings.Invalid("metrics.timeout", "%s is out of range: give a duration above zero, at most %s", t, maxMetricsTimeout))
	}
	if r.set.Pushgateway.Configured() {
		errs = append(errs, r.set.Pushgateway.Check())
	}
	return errors.Join(errs...)
}

// measure leaves the figures of the run where Prometheus finds them. It has a time of
// its own: that of the run may be over, and this is what somebody has to hear of then.
func (r *run) measure(ctx context.Context) {
	if !r.measures() || r.checkMetrics() != nil {
		return
	}
	name, err := r.set.Run.cluster()
	if err != nil {
		r.log.Warn().Msg("there are no metrics of this run: they would need the name of the cluster")
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.set.Metrics.Timeout)
	defer cancel()
	last := r.lastRun(name)
	written := make(chan error, 1)
	go func() { written <- kube.Caught(func() error { return r.writeMetrics(&last) }) }() //nolint:contextcheck // awaited gives up on a file system that hangs
	for _, err := range []error{r.push(ctx, &last), awaited(ctx, written)} {
		if err != nil {
			r.log.Warn().Err(err).Msg("metrics of this run are missing")
		}
	}
}

// awaited does not wait for ever: a write to a file system that hangs cannot be ended.
func awaited(ctx context.Context, written <-chan error) error {
	grace := time.NewTimer(100 * time.Millisecond) // for what is done, when ctx has ended
	defer grace.Stop()
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-written:
		return err
	case <-grace.C:
		return fmt.Errorf("%s: %w", metricsFile, ctx.Err())
	}
}

func (r *run) push(ctx context.Context, last *metrics.Run) error {
	o := r.set.Pushgateway
	if !o.Configured() {
		return nil
	}
	gateway, err := deliver.NewPushgateway(o, r.set.Metrics.Timeout, r.userAgent(), r.onDelivery)
	if err != nil {
		return err
	}
	defer gateway.Close()
	text, err := last.Text()
	if err != nil {
		return err
	}
	return gateway.Push(ctx, last.Cluster, metrics.ContentType, text)
}

func (r *run) writeMetrics(last *metrics.Run) error {
	if r.set.Metrics.File == "" {
		return nil
	}
	if err := last.Write(r.set.Metrics.File); err != nil {
		return fmt.Errorf("%s: %w", metricsFile, err)
	}
	return nil
}

// lastRun is what the summary says, in plain data.
func (r *run) lastRun(cluster string) metrics.Run {
	s := &r.summary
	last := metrics.Run{
		Cluster: cluster, Version: s.Version, Ended: time.Now(), ExitCode: int(s.Code), Complete: s.Complete, Gaps: len(s.Gaps),
		Seconds: s.Seconds.Total,
		Phases: []metrics.Phase{
			{Name: "preflight", Seconds: s.Seconds.Preflight}, {Name: "cluster", Seconds: s.Seconds.Cluster},
			{Name: "pods", Seconds: s.Seconds.Pods}, {Name: "delivery", Seconds: s.Seconds.Delivery},
		},
		Pages: s.Pages, Requests: s.Requests, Throttled: s.Throttled, Read: s.BytesRead,
	}
	for _, d := range s.Deliveries {
		last.Sent += d.BytesSent
		if d.Error == "" {
			last.Accepted++
		} else {
			last.Failed++
		}
	}
	if s.Code == OK || s.Code == Incomplete {
		last.Inventory = &metrics.Inventory{Namespaces: s.Counts.Namespaces, Nodes: s.Nodes, Census: r.census}
		for _, left := range s.Counts.Left {
			last.Inventory.LeftOut += left.Count
		}
	}
	return last
}
