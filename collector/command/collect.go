package command

import (
	"fmt"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"

	"stocktake/collector"
)

func collectFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "dry-run", Usage: "print the body that would be sent, as JSON, and send nothing"},
		&cli.StringFlag{Name: "output", Usage: "print what was found as `FORMAT`: table or json"},
	}
}

// collect makes one collection: what the program is for.
func (l *line) collect(c *cli.Context) error {
	inv, err := l.invocation(c)
	if err != nil {
		return err
	}
	switch c.NArg() {
	case 0:
	case 1:
		if err := notMeantAsCommand(c.App.Commands, inv, c.Args().First()); err != nil {
			return err
		}
		inv.Flags["cluster-id"] = c.Args().First()
	default:
		return fmt.Errorf("%w: %d arguments: there is one, the cluster ID", errUsage, c.NArg())
	}
	if collector.Bare(inv) {
		helpBare(l.Stderr, c.App)
		l.code = collector.BadSettings
		return nil
	}
	l.code = collector.Run(c.Context, inv)
	return nil
}

// notMeantAsCommand refuses a cluster ID that looks like a mistyped command, or
// that comes beside another: taken as it is, it would deliver the inventory
// under that name.
func notMeantAsCommand(commands []*cli.Command, inv collector.Invocation, word string) error {
	if other, ok := inv.Flags["cluster-id"]; ok && other != word {
		return fmt.Errorf("%w: %q is no command, and the cluster ID is %s already", errUsage, word, other)
	}
	const alike = 0.9 // Jaro-Winkler similarity: one or two letters off
	for _, command := range commands {
		if smetrics.JaroWinkler(word, command.Name, 0.7, 4) >= alike {
			return fmt.Errorf("%w: %q is no command: did you mean %s? A cluster of that name is given as -set cluster-id=%s", errUsage, word, command.Name, word)
		}
	}
	return nil
}
