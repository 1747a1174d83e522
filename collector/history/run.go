package history

import (
	"encoding/json"
	"time"

	"stocktake/collector/inventory"
)

// Run is what is known of a run, or of an inventory that was saved, besides what was seen.
type Run struct {
	Cluster string
	Began   time.Time     // when the first page was asked for
	At      time.Time     // when it is recorded
	Skew    time.Duration // how far the clock is ahead of the API server's; 0: not, or not known
	// Scope is the settings that decide what of a namespace is seen, with the kind of body
	// where one was read. Selection is those that select namespaces. Two runs with the same text saw
	// the same.
	Scope, Selection string
	// Selects reports whether a namespace is selected. Nil: nobody knows, and no namespace is ever gone.
	Selects    func(namespace string) bool
	Namespaces []string // those that the cluster has and that are selected
	Outcome    inventory.Outcome
	// Partial says that it was delivered although it has gaps (allow-incomplete). Of the namespaces
	// that were read in full is then recorded what was seen; otherwise nothing is.
	Partial  bool
	ExitCode int
	Version  string // of the program
}

// State is what became of a run.
type State string

// The states of a run.
const (
	Complete   State = "complete"
	Incomplete State = "incomplete" // it has gaps
	// Superseded is a run that began before another that was recorded. Nothing of it is.
	Superseded State = "superseded"
	// Repeated is the very run that was recorded last. It leaves no row.
	Repeated State = "repeated"
)

// Recorded is what recording a run did.
type Recorded struct {
	State  State     `json:"state"`
	At     time.Time `json:"at"`     // later than all other runs of the cluster
	Opened int       `json:"opened"` // sightings
	Closed int       `json:"closed"`
	Bytes  int64     `json:"bytes,omitempty"` // of the whole history; 0: not known
}

// Why a sighting was closed.
const (
	Gone          = "gone"           // the namespace was read, and it was not there
	NamespaceGone = "namespace gone" // there is no such namespace any more
	NotCovered    = "no longer covered"
	Forgotten     = "forgotten"    // somebody said that the cluster is no more
	DigestKnown   = "digest known" // it goes on under its digest
)

// The most of the gaps of a run that is kept.
const (
	maxGaps   = 50
	maxReason = 200
)

// gapsText are gaps as JSON, empty if there are none.
func gapsText(gaps []inventory.Gap) string {
	if len(gaps) == 0 {
		return ""
	}
	kept := make([]inventory.Gap, 0, min(len(gaps), maxGaps))
	for _, g := range gaps[:min(len(gaps), maxGaps)] {
		g.Source, g.Reason = clean(g.Source), clean(g.Reason)
		if len(g.Reason) > maxReason {
			g.Reason = clean(g.Reason[:maxReason]) + "…"
		}
		kept = append(kept, g)
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return "[]" // two texts always have a form
	}
	return string(text)
}
