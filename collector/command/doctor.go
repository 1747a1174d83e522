package command

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"stocktake/collector/doctor"
)

const doctorHelp = `Checks what a run would need, in the order of a run: settings, API server, rights,
namespaces, receivers, clocks, disk and memory. Each line is ok, warn or fail, and
says what would help. The exit code is the one that a run would end with.

   stocktake doctor my-cluster
   stocktake doctor --dry-run my-cluster     without receivers
   stocktake doctor -o json my-cluster       for programs`

func (l *line) doctor() *cli.Command {
	return &cli.Command{
		Name:        "doctor",
		Usage:       "find out whether a run would succeed, and what would help if not; sends nothing",
		ArgsUsage:   "[CLUSTER_ID]",
		Description: doctorHelp,
		Flags: append(commonFlags(),
			&cli.BoolFlag{Name: "dry-run", Usage: "judge a run that prints and needs no receiver"},
			&cli.StringFlag{Name: "o", Value: "text", Usage: "write as `FORMAT`: text or json"},
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
			l.code = doctor.Run(c.Context, inv, c.String("o"))
			return nil
		},
	}
}
