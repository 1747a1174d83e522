package command

import (
	"errors"
	"io"

	"stocktake/collector"
)

// Process is what a command line takes from the process around it, so that the
// whole program can be run inside a test.
type Process struct {
	Build   collector.Build
	Environ []string // as os.Environ
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

var errUsage = errors.New("usage")

// line is one command line while it is carried out.
type line struct {
	Process
	args []string
	code collector.Code
}
