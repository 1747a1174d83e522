package collector

import (
	"context"
	"fmt"
	"time"

	"stocktake/collector/deliver"
	"stocktake/collector/kube"
	"stocktake/collector/logging"
	"stocktake/collector/metrics"
)

const metricsFile = "metrics.file.path"

// measure leaves the figures of a run where Prometheus finds them. It has a time of
// its own: that of the run may be over, and this is what somebody has to hear of then.
func measure(ctx context.Context, s *Session, sum Summary, images *metrics.ImageCounts) {
	if !s.Settings.measured() || s.Settings.checkMetrics() != nil {
		return
	}
	name, err := s.Settings.Run.Name()
	if err != nil {
		s.Log.Warn().Msg("there are no metrics of this run: they would need the name of the cluster")
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Settings.Metrics.Timeout)
	defer cancel()
	last := lastRun(name, sum, s.Settings.records(), images)
	written := make(chan error, 1)
	go func() { //nolint:contextcheck // awaited gives up on a file system that hangs
		written <- kube.Caught(func() error { return writeMetrics(s.Settings.Metrics.File, &last) })
	}()
	for _, err := range []error{push(ctx, s, &last), awaited(ctx, written)} {
		if err != nil {
			s.Log.Warn().Err(err).Msg("metrics of this run are missing")
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

func push(ctx context.Context, s *Session, last *metrics.Run) error {
	o := s.Settings.Pushgateway
	if !o.Configured() {
		return nil
	}
	gateway, err := deliver.NewPushgateway(o, s.Settings.Metrics.Timeout, s.Agent(), logging.Delivery(s.Log))
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

func writeMetrics(path string, last *metrics.Run) error {
	if path == "" {
		return nil
	}
	if err := last.Write(path); err != nil {
		return fmt.Errorf("%s: %w", metricsFile, err)
	}
	return nil
}

// lastRun is what the summary says, in plain data, of a run that is recorded in a history or is not.
func lastRun(cluster string, s Summary, recorded bool, images *metrics.ImageCounts) metrics.Run {
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
	if h := s.History; h != nil {
		last.History = &metrics.History{Recorded: true, Seconds: s.Seconds.History, Opened: h.Opened, Closed: h.Closed, Bytes: h.Bytes}
	} else if recorded {
		last.History = &metrics.History{Seconds: s.Seconds.History}
	}
	if s.Code == OK || s.Code == Incomplete || s.Code == HistoryUnavailable {
		last.Inventory = &metrics.Inventory{Namespaces: s.Counts.Namespaces, Nodes: s.Nodes, Images: images}
		for _, left := range s.Counts.Left {
			last.Inventory.LeftOut += left.Count
		}
	}
	return last
}
