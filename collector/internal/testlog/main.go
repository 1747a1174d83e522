// Command testlog reads what go test -json writes, and prints what go test prints: the
// packages, and the output of tests that failed. At the end it adds the tests that took
// longest, for a suite gets slow one test at a time.
//
//	go test -json ./... | go run ./collector/internal/testlog
//
// Its own exit code is that of a reader: whether tests passed is for go test to tell.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	verbose := flag.Bool("v", false, "print the output of every test, at once")
	slowest := flag.Int("slowest", 10, "how many tests to name at the end")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *verbose, *slowest); err != nil {
		fmt.Fprintln(os.Stderr, "testlog:", err)
		os.Exit(1)
	}
}

// event is a line of go test -json, see go doc test2json.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64 // in seconds
}

// took is how long a test took.
type took struct {
	seconds   float64
	pkg, test string
}

// suite is what was read so far.
type suite struct {
	to      io.Writer
	verbose bool
	output  map[string][]event // by package, until that ends
	failed  map[string]bool    // packages and their tests
	cached  map[string]bool    // packages
	times   []took
}

func run(from io.Reader, to io.Writer, verbose bool, slowest int) error {
	s := suite{to: to, verbose: verbose, output: map[string][]event{}, failed: map[string]bool{}, cached: map[string]bool{}}
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			s.read(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	for pkg := range s.output { // of packages that have not ended: go test was stopped
		s.end(pkg, true)
	}
	s.name(slowest)
	return nil
}

// read takes one line. What is not JSON comes from the go command itself.
func (s *suite) read(line []byte) {
	var e event
	if line[0] != '{' || json.Unmarshal(line, &e) != nil {
		fmt.Fprintf(s.to, "%s", line)
		return
	}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(s.to, e.Output)
	case e.Action == "output" && s.verbose:
		fmt.Fprint(s.to, e.Output)
		s.cached[e.Package] = s.cached[e.Package] || isCached(e)
	case e.Action == "output":
		s.output[e.Package] = append(s.output[e.Package], e)
		s.cached[e.Package] = s.cached[e.Package] || isCached(e)
	case e.Test != "" && (e.Action == "pass" || e.Action == "fail"):
		s.times = append(s.times, took{seconds: e.Elapsed, pkg: e.Package, test: e.Test})
		s.failed[e.Package+" "+e.Test] = e.Action == "fail"
	case e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
		s.end(e.Package, e.Action == "fail")
	}
}

func isCached(e event) bool { return e.Test == "" && strings.Contains(e.Output, "\t(cached)") }

// end prints what is to be known of a package: all that its failed tests said, and those
// that never ended, and its result.
func (s *suite) end(pkg string, failed bool) {
	for _, e := range s.output[pkg] {
		bad, ended := s.failed[pkg+" "+e.Test]
		switch {
		case e.Test == "" && e.Output == "PASS\n":
		case strings.HasPrefix(e.Output, "=== "): // RUN, PAUSE, CONT, NAME
		case e.Test == "" || failed && (bad || !ended):
			fmt.Fprint(s.to, e.Output)
		}
	}
	delete(s.output, pkg)
}

// name names the slowest tests that were run now. A subtest has a line of its own where it
// ran beside its parent, whose time is then without it.
func (s *suite) name(most int) {
	times := map[string]float64{}
	for _, t := range s.times {
		times[t.pkg+" "+t.test] = t.seconds
	}
	run := slices.DeleteFunc(s.times, func(t took) bool {
		parent := times[t.pkg+" "+t.test[:max(strings.LastIndexByte(t.test, '/'), 0)]]
		return s.cached[t.pkg] || t.seconds == 0 || parent >= t.seconds
	})
	slices.SortStableFunc(run, func(a, b took) int { return cmp.Compare(b.seconds, a.seconds) })
	run = run[:min(most, len(run))]
	if len(run) > 0 {
		fmt.Fprintln(s.to, "the slowest tests:")
	}
	for _, t := range run {
		fmt.Fprintf(s.to, "%7.1f s  %s  %s\n", t.seconds, t.pkg, t.test)
	}
}
