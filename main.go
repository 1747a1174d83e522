// Command stocktake tells which container images run in a Kubernetes cluster.
//
// It makes one collection and exits with a status that names the cause; package
// collector does the work, this file is the doorway: flags, signals, exit.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
)

// Set by the linker: make build.
var (
	version = "dev"
	commit  = "unknown"
	date    = "unknown"
)

func main() {
	ctx, stop := untilSignal(context.Background())
	code := start(ctx, os.Args, os.Stdout, os.Stderr)
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

// start reads the command line and runs what it asks for.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) collector.Code {
	code := collector.OK
	app := newApp(stdout, stderr, &code)
	if err := app.RunContext(ctx, args); err != nil {
		fmt.Fprintf(stderr, "stocktake: %v\n", err)
		if errors.Is(err, errUsage) {
			fmt.Fprintln(stderr, "stocktake -help shows how it is used")
		}
		return collector.BadSettings
	}
	return code
}

var errUsage = errors.New("usage")

func newApp(stdout, stderr io.Writer, code *collector.Code) *cli.App {
	return &cli.App{
		Name:                      "stocktake",
		Usage:                     "tell which container images run in a Kubernetes cluster",
		ArgsUsage:                 "[CLUSTER_ID]",
		UsageText:                 usage,
		Flags:                     flags(),
		Commands:                  commands(stdout, stderr, code),
		HideVersion:               true,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true,
		Writer:                    stdout,
		ErrWriter:                 stderr,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageError,
		Action: func(c *cli.Context) error {
			inv, err := invocation(c, stdout, stderr)
			if err == nil {
				*code = collector.Run(c.Context, inv)
			}
			return err
		},
	}
}

const usage = `stocktake -dry-run -external ~/.kube/config my-cluster         print the inventory of a cluster
stocktake -output table -external ~/.kube/config my-cluster    print its images as a table
stocktake                                                      deliver: CLUSTER_ID and ANCHORE_… say what and where to`

func usageError(_ *cli.Context, err error, _ bool) error { return fmt.Errorf("%w: %w", errUsage, err) }

func flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "config", Usage: "read settings from `PATH`: a folder with one file per setting, or a YAML file"},
		&cli.StringFlag{Name: "external", Aliases: []string{"kubeconfig"}, Usage: "reach the cluster from outside by the kubeconfig `PATH`"},
		&cli.StringFlag{Name: "context", Usage: "use the context `NAME` of the kubeconfig"},
		&cli.BoolFlag{Name: "dry-run", Usage: "print the body that would be sent, as JSON, and send nothing"},
		&cli.StringFlag{Name: "output", Usage: "print what was found as `FORMAT`: table or json"},
		&cli.BoolFlag{Name: "debug", Usage: "log more, readably"},
		&cli.BoolFlag{Name: "quiet", Usage: "log nothing but errors"},
		&cli.StringSliceFlag{Name: "set", Usage: "give any setting as `NAME=VALUE`; can be repeated"},
	}
}

func commands(stdout, stderr io.Writer, code *collector.Code) []*cli.Command {
	return []*cli.Command{
		{
			Name:         "send",
			Usage:        "deliver an inventory that was saved earlier, from FILE or from stdin (-)",
			ArgsUsage:    "FILE|-",
			OnUsageError: usageError,
			Action: func(c *cli.Context) error {
				if c.NArg() != 1 {
					return fmt.Errorf("%w: send takes one argument: a file, or - for stdin", errUsage)
				}
				inv, err := settingsOf(c, stdout, stderr)
				if err == nil {
					*code = collector.Send(c.Context, inv, c.Args().First(), os.Stdin)
				}
				return err
			},
		},
		{
			Name:         "version",
			Usage:        "say which build this is",
			OnUsageError: usageError,
			Flags:        []cli.Flag{&cli.StringFlag{Name: "o", Value: "text", Usage: "text or json"}},
			Action: func(c *cli.Context) error {
				return collector.PrintVersion(stdout, build(), c.String("o"))
			},
		},
		{
			Name:         "settings",
			Usage:        "print the effective settings and where each comes from, without secrets",
			OnUsageError: usageError,
			Action: func(c *cli.Context) error {
				inv, err := settingsOf(c, stdout, stderr)
				if err != nil {
					return err
				}
				return collector.PrintSettings(inv)
			},
		},
	}
}

func build() collector.Build {
	return collector.Build{Version: version, Commit: commit, Date: date}
}

// flagSettings are the flags that stand for one setting each.
var flagSettings = map[string]string{
	"external": "kubeconfig.path",
	"context":  "kubeconfig.context",
	"dry-run":  "dry-run",
	"output":   "output",
	"quiet":    "quiet",
}

// invocation is what the command line says of a collection: settings and the
// cluster ID.
func invocation(c *cli.Context, stdout, stderr io.Writer) (collector.Invocation, error) {
	inv, err := settingsOf(c, stdout, stderr)
	if err != nil {
		return inv, err
	}
	return inv, argument(c, inv.Flags)
}

// settingsOf gathers the settings of the command line. Flags of their own are
// stronger than -set.
func settingsOf(c *cli.Context, stdout, stderr io.Writer) (collector.Invocation, error) {
	inv := collector.Invocation{
		Build: build(), Config: c.String("config"), Flags: map[string]string{},
		Environ: os.Environ(), Stdout: stdout, Stderr: stderr,
	}
	for _, assignment := range c.StringSlice("set") {
		name, value, ok := strings.Cut(assignment, "=")
		if !ok {
			return inv, fmt.Errorf("%w: -set %s: write it as NAME=VALUE", errUsage, name)
		}
		inv.Flags[name] = value
	}
	for flag, setting := range flagSettings {
		if c.IsSet(flag) {
			inv.Flags[setting] = c.String(flag)
		}
	}
	if c.Bool("debug") {
		inv.Flags["log.level"] = "debug"
	}
	return inv, nil
}

// argument takes the cluster ID, the only argument there is.
func argument(c *cli.Context, flags map[string]string) error {
	switch {
	case c.NArg() > 1 && strings.HasPrefix(c.Args().Get(1), "-"):
		return fmt.Errorf("%w: %s comes after the cluster ID: flags go first", errUsage, c.Args().Get(1))
	case c.NArg() > 1:
		return fmt.Errorf("%w: %d arguments: there is one, the cluster ID", errUsage, c.NArg())
	case c.NArg() == 1:
		flags["cluster-id"] = c.Args().First()
	}
	return nil
}
