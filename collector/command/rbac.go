package command

import (
	"github.com/urfave/cli/v2"

	"stocktake/collector"
)

func (l *line) rbac() *cli.Command {
	return &cli.Command{
		Name:  "rbac",
		Usage: "print the least roles that a run with these settings needs, for kubectl apply",
		Flags: append(commonFlags(), &cli.StringFlag{
			Name: "service-account", Value: "stocktake/stocktake", Usage: "grant them to the service account `NAMESPACE/NAME`",
		}),
		Action: func(c *cli.Context) error {
			inv, err := l.invocation(c)
			if err != nil {
				return err
			}
			return collector.PrintRights(inv, c.String("service-account"))
		},
	}
}
