// Command stocktake tells which container images run in a Kubernetes cluster.
//
// Package collector does the work, package collector/command reads the command
// line; this file is the doorway: signals and the exit status.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"stocktake/collector"
	"stocktake/collector/command"
	"stocktake/collector/logging"
	"stocktake/collector/terminal"
)

// Set by the linker: make build.
var (
	version = "dev"
	commit  = "unknown"
	date    = "unknown"
)

func main() {
	ctx, stop := untilSignal(context.Background())
	stderr := terminal.NewStderr(ctx, os.Stderr)
	logging.RedirectLibraries(stderr)
	build := collector.Build{Version: version, Commit: commit, Date: date}
	code := command.Run(ctx, os.Args, command.Process{
		Build: build, Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: stderr,
	})
	stop()
	os.Exit(int(code))
}

// untilSignal returns a context that the first SIGINT or SIGTERM cancels, with
// the signal as its cause. A second signal ends the process at once.
func untilSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(collector.Stopped{Signal: s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}
