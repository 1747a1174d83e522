package command

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
)

func (l *line) doctor() *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "find out whether a run would succeed, and what would help if not; sends nothing",
		ArgsUsage: "[CLUSTER_ID]",
		Flags: append(commonFlags(),
			&cli.BoolFlag{Name: "dry-run", Usage: "judge a run that prints and needs no receiver"},
			&cli.StringFlag{Name: "o", Value: "text", Usage: "text or json"},
		),
		Action: func(c *cli.Context) error {
			inv, err := l.invocation(c)
			if err != nil {
				return err
			}
			switch c.NArg() {
			case 0:
			case 1:
				inv.Flags["cluster-id"] = c.Args().First()
			default:
				return fmt.Errorf("%w: %d arguments: there is one, the cluster ID", errUsage, c.NArg())
			}
			l.code = collector.Doctor(c.Context, inv, c.String("o"))
			return nil
		},
	}
}
