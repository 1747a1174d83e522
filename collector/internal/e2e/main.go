//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"stocktake/collector/internal/nodetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err == nil {
		return
	}
	if !errors.Is(err, errTold) {
		fmt.Fprintln(os.Stderr, "e2e:", err)
	}
	os.Exit(1)
}

// errTold is a failure that was told within the namespaces.
var errTold = errors.New("failed")

// settings are the command line.
type settings struct {
	programs, image, chart string
	within                 bool
}

// run starts itself again within namespaces, and there takes the steps.
func run(ctx context.Context, args []string, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("e2e", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&s.programs, "programs", ".ci/bin", "`folder` of the programs that .ci/e2e builds")
	flags.StringVar(&s.image, "image", "", "`path` of the image to test: an OCI layout, or a docker archive")
	flags.StringVar(&s.chart, "chart", "charts/stocktake", "`folder` of the chart")
	flags.BoolVar(&s.within, "within", false, "take the steps here: the namespaces are there")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.image == "" || flags.NArg() > 0 {
		return errors.New("usage: e2e -image PATH")
	}
	if s.within {
		return report(ctx, s, out)
	}
	err := nodetest.Run(ctx, append([]string{"-within"}, args...)...)
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return errTold
	}
	return err
}

// report takes the steps. Of a failure it tells the circumstances, and at the very
// end which step it was.
func report(ctx context.Context, s settings, out io.Writer) error {
	t := &trial{settings: s, out: out}
	err := t.take(ctx)
	if err == nil {
		return nil
	}
	if ctx.Err() == nil {
		nodetest.Diagnose(out)
	}
	fmt.Fprintln(out, "e2e:", err)
	return errTold
}
