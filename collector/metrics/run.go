package metrics

import "time"

// Run is what a run came to.
type Run struct {
	Cluster  string
	Version  string // of the program
	Ended    time.Time
	ExitCode int
	Complete bool // delivered, and nothing is missing from it
	Gaps     int  // things that could not be read
	Seconds  float64
	Phases   []Phase

	Pages     int
	Requests  int   // for pages; more than pages when some were asked for again
	Throttled int   // of these, answered with 429
	Read      int64 // bytes that the API server sent

	Accepted int   // bodies that a receiver took over
	Failed   int   // bodies that a receiver did not take over
	Sent     int64 // bytes of bodies on the wire

	Inventory *Inventory // nil when none was delivered
	History   *History   // nil when there is none
}

// History is what the history took of the run.
type History struct {
	Recorded       bool
	Seconds        float64
	Opened, Closed int   // sightings of images
	Bytes          int64 // of the whole history; 0: not known
}

// Phase is a part of a run.
type Phase struct {
	Name    string
	Seconds float64
}

// Inventory describes what was delivered.
type Inventory struct {
	Namespaces int
	Nodes      int
	LeftOut    int // records that receivers do not take
	Images     *ImageCounts
}

// succeeded leaves out runs that delivered with gaps: they have an exit code.
func (r *Run) succeeded() bool { return r.ExitCode == 0 }
