// Command meter runs another program and writes down what it cost.
//
//	meter FILE PROGRAM [ARGUMENT...]
//
// FILE gets a [Cost] as JSON; streams and exit code are those of the program.
//
// The kernel counts the memory of the process that starts a program as the
// program's own until it has replaced it (getrusage(2): ru_maxrss). The benchmark
// has seeded a cluster and is large, so that it cannot measure by itself. This
// program is small: a few megabytes are the least that it can report.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Cost is what a program took from its start to its end. The benchmark reads it.
type Cost struct {
	Wall float64 `json:"wall"` // seconds
	CPU  float64 `json:"cpu"`  // seconds, in user and in system mode
	RSS  int64   `json:"rss"`  // peak resident set, in bytes
}

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "meter:", err)
	}
	os.Exit(code)
}

func run(args []string) (int, error) {
	if len(args) < 2 {
		return 2, errors.New("usage: meter FILE PROGRAM [ARGUMENT...]")
	}
	cmd := exec.Command(args[1], args[2:]...) //nolint:noctx // ends with the program
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = endsWithUs()
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return 1, err
	}
	if err := write(args[0], wall, cmd.ProcessState); err != nil {
		return 1, err
	}
	return cmd.ProcessState.ExitCode(), nil
}

func write(path string, wall time.Duration, state *os.ProcessState) error {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("no resource usage on this system")
	}
	data, err := json.Marshal(Cost{
		Wall: wall.Seconds(),
		CPU:  (state.UserTime() + state.SystemTime()).Seconds(),
		RSS:  usage.Maxrss << 10, // Linux counts in KiB
	})
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
