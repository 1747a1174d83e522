package collector

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"stocktake/collector/file"
	"stocktake/collector/history"
	"stocktake/collector/inventory"
	"stocktake/collector/logging"
	"stocktake/collector/objects"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/terminal"
)

// Summary says what a run did. It is the last log line and, inside a pod, the
// termination message.
type Summary struct {
	Ending
	Subject
	Figures
	Counts     payload.Stats     `json:"counts"`
	Deliveries []Delivery        `json:"deliveries,omitempty"`
	Gaps       []inventory.Gap   `json:"gaps,omitempty"`
	Seconds    Seconds           `json:"seconds"`
	History    *history.Recorded `json:"history,omitempty"` // nil if nothing was recorded
	// Collections are what was collected besides the inventory, whose Counts are above.
	Collections *Collections `json:"collections,omitempty"`
}

// Collections are those of a run besides the inventory.
type Collections struct {
	Objects *objects.Counts `json:"objects,omitempty"`
}

// Ending is how a run ended.
type Ending struct {
	Code     Code   `json:"exit_code"`
	Reason   string `json:"reason"`
	Complete bool   `json:"complete"`
}

// Subject is what a run was about.
type Subject struct {
	Cluster        string    `json:"cluster,omitempty"`
	Version        string    `json:"version"`
	Started        time.Time `json:"started"`
	VersionUnknown string    `json:"kubernetes_version_unknown,omitempty"` // why it is not in the bodies
}

// Figures are those of the reading.
type Figures struct {
	Consistency     inventory.Consistency `json:"consistency,omitempty"`
	ResourceVersion string                `json:"resource_version,omitempty"`
	Pages           int                   `json:"pages"`
	Requests        int                   `json:"page_requests"` // more than pages when some were asked for again
	Throttled       int                   `json:"throttled,omitempty"`
	Repeated        int                   `json:"repeated,omitempty"`
	BytesRead       int64                 `json:"bytes_read"`
	Namespaces      int                   `json:"namespaces"`
	Nodes           int                   `json:"nodes"`
}

// Seconds is how long the phases took.
type Seconds struct {
	Preflight float64 `json:"preflight"`
	Cluster   float64 `json:"cluster"` // namespaces and nodes
	Pods      float64 `json:"pods"`
	Delivery  float64 `json:"delivery"`
	History   float64 `json:"history,omitempty"`
	Total     float64 `json:"total"`
}

// phases is what the phases of a run returned, as far as it came.
type phases struct {
	plan    *Plan
	server  server
	known   description
	read    reading
	results []result // of the collections
	// recorded is what the history took, nil if nothing.
	recorded *history.Recorded
	seconds  Seconds
}

// gaps are what could not be read, of all phases.
func (p phases) gaps() []inventory.Gap {
	if p.read.outcome.Gaps != nil {
		return append(slices.Clone(p.read.outcome.Gaps), p.made().gaps...)
	}
	return append(slices.Clone(p.known.gaps), p.made().gaps...)
}

// namespaces are those that are known in the end.
func (p phases) namespaces() []inventory.Namespace {
	if p.read.namespaces != nil {
		return p.read.namespaces
	}
	return p.known.cluster.Namespaces
}

// made is what came of all collections.
func (p phases) made() (all result) {
	for _, one := range p.results {
		if one.inventory {
			all.counts, all.images, all.told = one.counts, one.images, one.told
		}
		all.objects = cmp.Or(all.objects, one.objects)
		all.gaps = append(all.gaps, one.gaps...)
		all.delivered.all = append(all.delivered.all, one.delivered.all...)
	}
	return all
}

// summarize says what came of a run.
func summarize(ctx context.Context, s *Session, p phases, err error) Summary {
	l, made := p.read.outcome.Listing, p.made()
	sum := Summary{
		Ending:  Ending{Code: CodeOf(ctx, err), Complete: err == nil},
		Subject: Subject{Version: s.Build.Version, Started: s.started(), VersionUnknown: p.server.unknown, Cluster: p.plan.Cluster},
		Figures: Figures{
			Consistency: l.Consistency, ResourceVersion: l.ResourceVersion, Pages: l.Pages, Requests: l.Requests, Throttled: l.Throttled,
			Repeated: l.Repeated, BytesRead: l.Bytes, Namespaces: len(p.namespaces()), Nodes: len(p.known.cluster.Nodes),
		},
		Counts: made.counts, Deliveries: made.delivered.all, Gaps: p.gaps(), Seconds: p.seconds, History: p.recorded,
	}
	if made.objects != nil {
		sum.Collections = &Collections{Objects: made.objects}
	}
	switch {
	case err != nil:
		sum.Reason = Reason(ctx, err)
	case len(p.results) == 0 && len(p.plan.Receivers) > 0 && p.plan.reader != nil:
		sum.Reason = "nothing was to be delivered now"
	case len(p.plan.Receivers) == 0 && p.plan.prints == "":
		sum.Reason = "recorded, complete"
	case len(p.plan.Receivers) == 0:
		sum.Reason = "printed, complete"
	default:
		sum.Reason = "delivered, complete"
	}
	sum.Seconds.Total = roundSeconds(time.Since(s.Began))
	return sum
}

// Verdict is the last word on a run in which nothing failed outright.
func Verdict(gaps []inventory.Gap) error {
	if len(gaps) == 0 {
		return nil
	}
	return fmt.Errorf("%w: without what could not be read: %s", ErrIncomplete, gaps[0].Reason)
}

// write logs the summary as the last line: whole where programs read the log,
// the figures that matter where people do.
func (s *Summary) write(session *Session) {
	event := session.Log.Info()
	if s.Code != OK {
		event = session.Log.Error().Int("exit_code", int(s.Code))
	}
	if !logging.Readable(terminal.Is(session.Stderr), session.Settings.Log) {
		event.Interface("summary", s).Msg(s.Reason)
		return
	}
	if s.Pages > 0 {
		event.Int("namespaces", s.Counts.Namespaces).Int("pods", s.Counts.Pods).Int("containers", s.Counts.Containers).
			Int("images", s.Counts.Images).Int("without_digest", s.Counts.WithoutDigest)
	}
	if s.VersionUnknown != "" {
		event.Str("kubernetes_version", "unknown")
	}
	if len(s.Counts.Left) > 0 {
		event.Str("left_out", leftOut(s.Counts.Left))
	}
	for _, d := range s.Deliveries {
		event.Str("sent", fmt.Sprintf("%d bytes (%s) to %s: %d", d.BytesSent, d.Encoding, d.Receiver, d.Status))
	}
	event.Float64("seconds", s.Seconds.Total).Msg(s.Reason)
}

// maxTermination is what Kubernetes keeps of a termination message, in bytes
// (container API, terminationMessagePath).
const maxTermination = 4096

// terminate leaves the summary where the kubelet picks it up. Outside a pod it does
// nothing.
func (s *Summary) terminate(session *Session) {
	path := session.Settings.Log.Termination
	if path == "" || !settings.InPod(session.Environ) {
		return
	}
	if err := file.Put(path, s.brief(maxTermination), 0o600); err != nil {
		session.Log.Warn().Err(err).Msg("the termination message was not written")
	}
}

// brief is the summary as JSON of at most the given size: what is long is cut,
// the counts stay.
func (s *Summary) brief(most int) []byte {
	short := *s
	for limit := 1024; ; limit /= 2 {
		b, err := json.Marshal(short)
		if err == nil && len(b) <= most || limit == 0 {
			return b
		}
		short.Reason = cut(short.Reason, limit)
		short.VersionUnknown = cut(short.VersionUnknown, limit/4)
		short.Cluster = cut(short.Cluster, limit/4) // a name of KAI's is taken as it is
		short.Gaps = slices.Clone(first(short.Gaps, limit/256))
		short.Deliveries = slices.Clone(first(short.Deliveries, limit/128))
		for i := range short.Gaps {
			short.Gaps[i].Reason = cut(short.Gaps[i].Reason, limit/4)
		}
		for i := range short.Deliveries {
			short.Deliveries[i].Error = cut(short.Deliveries[i].Error, limit/4)
			short.Deliveries[i].Names = nil
		}
		short.Counts = short.Counts.Brief()
	}
}

func first[T any](all []T, n int) []T { return all[:min(n, len(all))] }

// cut shortens text to at most n bytes, at the border of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

func roundSeconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }
