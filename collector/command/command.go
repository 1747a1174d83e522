// Package command is the command line: which words and flags there are, what
// they mean, and which part of package collector does what they ask for.
//
// The command deliver makes one collection, and so does the program without a
// command where no terminal is: that is what a CronJob starts. The other commands
// are for people. Flags are few, because a
// setting has one name everywhere: -set NAME=VALUE gives any of them. They are
// taken wherever they stand, as kubectl takes them, before or after what they
// belong to.
//
// Each command is a file of its own. It turns words into a call and leaves
// everything that can fail at work to package collector, which knows the exit
// codes; what it refuses itself is usage, exit code 2.
package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
	"stocktake/collector/plaintext"
	"stocktake/collector/terminal"
)

// Run does what the command line asks for and returns the exit code. The first
// of args is the name of the program.
func Run(ctx context.Context, args []string, p Process) collector.Code {
	return collector.Guard(p.Stderr, args, p.Environ, func() collector.Code { return carryOut(ctx, args, p) })
}

func carryOut(ctx context.Context, args []string, p Process) collector.Code {
	p.Stdout = terminal.WhileRunning(ctx, p.Stdout)
	line := &line{Process: p, args: args}
	app := line.app()
	if len(args) > 0 {
		rename(app, name(args[0]))
	}
	if words, ok := completes(args); ok {
		line.complete(ctx, app, words)
		return collector.CodeOfSignal(ctx)
	}
	if of, asked := asksForHelp(app, args); asked {
		line.showHelp(app, of)
		return collector.CodeOfSignal(ctx)
	}
	if err := app.RunContext(ctx, flagsFirst(app, args)); err != nil {
		fmt.Fprintf(p.Stderr, "stocktake: %s\n", plaintext.Escape(err.Error()))
		if _, ended := errors.AsType[collector.Stopped](err); ended {
			return collector.CodeOfSignal(ctx)
		}
		if errors.Is(err, errUsage) {
			fmt.Fprintf(p.Stderr, "%s -help shows how it is used\n", app.Name)
		}
		return collector.BadSettings
	}
	return line.code
}

const usage = `What most people need first
   stocktake images              the images of the cluster that kubectl talks to
   stocktake doctor my-cluster   would a delivery succeed? else, what would help
   stocktake deliver my-cluster  deliver the inventory to ANCHORE_URL, with
                                 ANCHORE_USER and ANCHORE_PASSWORD`

func (l *line) app() *cli.App {
	return &cli.App{
		Name:                      "stocktake",
		Usage:                     "tell which container images run in a Kubernetes cluster",
		ArgsUsage:                 "[CLUSTER_ID]",
		UsageText:                 usage,
		Flags:                     append(commonFlags(), deliverFlags()...),
		Commands:                  l.commands(),
		HideVersion:               true,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true,
		Writer:                    l.Stdout,
		ErrWriter:                 l.Stderr,
		ExitErrHandler:            func(*cli.Context, error) {}, // the library would end the process
		OnUsageError:              usageError,
		Action:                    l.withoutCommand,
	}
}

func (l *line) commands() []*cli.Command {
	all := []*cli.Command{l.completion(), l.deliver(), l.diff(), l.doctor(), l.help(), l.history(), l.images(), l.list(), l.man(), l.objects(), l.rbac(), l.report(), l.send(), l.settings(), l.version(), l.where()}
	for _, c := range all {
		c.OnUsageError = usageError
	}
	return all
}
