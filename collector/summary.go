package collector

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/deliver"
	"stocktake/collector/file"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// Summary says what a run did. It is the last log line and, inside a pod, the
// termination message.
type Summary struct {
	Code            Code                  `json:"exit_code"`
	Reason          string                `json:"reason"`
	Complete        bool                  `json:"complete"`
	Cluster         string                `json:"cluster,omitempty"`
	Version         string                `json:"version"`
	Started         time.Time             `json:"started"`
	VersionUnknown  string                `json:"kubernetes_version_unknown,omitempty"` // why it is not in the bodies
	Consistency     inventory.Consistency `json:"consistency,omitempty"`
	ResourceVersion string                `json:"resource_version,omitempty"`
	Pages           int                   `json:"pages"`
	Requests        int                   `json:"page_requests"` // more than pages when some were asked for again
	Throttled       int                   `json:"throttled,omitempty"`
	Repeated        int                   `json:"repeated,omitempty"`
	BytesRead       int64                 `json:"bytes_read"`
	Namespaces      int                   `json:"namespaces"`
	Nodes           int                   `json:"nodes"`
	Counts          payload.Stats         `json:"counts"`
	Deliveries      []Delivery            `json:"deliveries,omitempty"`
	Gaps            []inventory.Gap       `json:"gaps,omitempty"`
	Seconds         Seconds               `json:"seconds"`
}

// Seconds is how long the phases took.
type Seconds struct {
	Preflight float64 `json:"preflight"`
	Cluster   float64 `json:"cluster"` // namespaces and nodes
	Pods      float64 `json:"pods"`
	Delivery  float64 `json:"delivery"`
	Total     float64 `json:"total"`
}

// Delivery is what became of one body at one receiver.
type Delivery struct {
	Receiver   string `json:"receiver"`
	Account    string `json:"account,omitempty"`
	Status     int    `json:"status,omitempty"`
	Attempts   int    `json:"attempts"`
	Encoding   string `json:"encoding,omitempty"`
	BytesSent  int64  `json:"bytes_sent"`
	BytesJSON  int64  `json:"bytes_json"`
	Namespaces int    `json:"namespaces"`
	// Names are those of the namespaces, where a run has more than one body.
	Names []string `json:"names,omitempty"`
	Error string   `json:"error,omitempty"`
}

func (s *Summary) complete() bool { return len(s.Gaps) == 0 }

func (s *Summary) listed(l inventory.Listing) {
	s.Consistency, s.ResourceVersion = l.Consistency, l.ResourceVersion
	s.Pages, s.Requests, s.Throttled, s.Repeated, s.BytesRead = l.Pages, l.Requests, l.Throttled, l.Repeated, l.Bytes
}

// delivered notes what became of a body; several says that it is not the only one.
func (s *Summary) delivered(receipt deliver.Receipt, body *payload.Body, several bool, err error) {
	d := Delivery{
		Receiver: receipt.Receiver, Account: receipt.Account, Status: receipt.Status, Attempts: receipt.Attempts,
		Encoding: receipt.Encoding, BytesSent: receipt.Bytes, BytesJSON: body.Size(), Namespaces: len(body.Namespaces),
	}
	if several {
		d.Names = body.Namespaces
	}
	if err != nil {
		d.Error = err.Error()
	}
	s.Deliveries = append(s.Deliveries, d)
}

// write logs the summary as the last line: whole where programs read the log,
// the figures that matter where people do.
func (s *Summary) write(log zerolog.Logger, forPeople bool) {
	event := log.Info()
	if s.Code != OK {
		event = log.Error().Int("exit_code", int(s.Code))
	}
	if !forPeople {
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

// leftOut says how many records of each kind are in no body.
func leftOut(left []payload.Left) string {
	words := make([]string, len(left))
	for i, l := range left {
		words[i] = fmt.Sprintf("%d %s", l.Count, l.Reason)
	}
	return strings.Join(words, ", ")
}

// maxTermination is what Kubernetes keeps of a termination message, in bytes
// (container API, terminationMessagePath).
const maxTermination = 4096

// writeTermination leaves the summary where the kubelet picks it up. Outside a
// pod it does nothing.
func (s *Summary) writeTermination(environ []string, path string) error {
	if path == "" || !settings.InPod(environ) {
		return nil
	}
	return file.Put(path, s.brief(maxTermination), 0o600)
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
