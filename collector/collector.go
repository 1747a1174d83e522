// Package collector runs one collection from end to end: it reads the
// settings, asks receiver and API server whether the run can succeed at all,
// lists the cluster once, hands the records to the encoder and the finished
// bodies to the receivers, and says in a summary and an exit code what came of
// it.
//
// Two promises are kept here and nowhere else. A run is complete or it is not
// delivered: what could not be read is a gap, and gaps stop the delivery unless
// allow-incomplete says otherwise. And a run ends with a status that names the
// cause, because Kubernetes decides by it whether to try again.
//
// Producers (kube) and consumers (payload, deliver, report, bom, metrics) do not know each
// other; this package is the only one that sees both.
package collector

import (
	"io"
)

// Build says which stocktake this is. The zero value is a build from source.
type Build struct {
	Version string
	Commit  string
	Date    string // RFC 3339
}

// Invocation is everything a run takes from the process around it, so that the
// whole program can be run inside a test.
type Invocation struct {
	Build   Build
	Config  string            // -config, empty when not given
	Flags   map[string]string // settings given as flags, by name
	Environ []string          // as os.Environ
	Stdin   io.Reader         // nil where nothing is read from it
	Stdout  io.Writer
	Stderr  io.Writer

	measured bool // it becomes the last run that metrics tell of
}
