package command

import (
	"github.com/urfave/cli/v2"

	"stocktake/collector/view"
)

const rbacHelp = `Prints the roles that let a service account run with the settings at hand, and
nothing more: a ClusterRole where the whole cluster is read, and Roles where
namespace-selectors.include names namespaces.

   stocktake rbac | kubectl apply -f -
   stocktake rbac --set namespace-selectors.include=shop,data`

func (l *line) rbac() *cli.Command {
	return &cli.Command{
		Name:        "rbac",
		Usage:       "print the least roles that a run with these settings needs, for kubectl apply",
		Description: rbacHelp,
		Flags: append(commonFlags(), &cli.StringFlag{
			Name: "service-account", Value: "stocktake/stocktake", Usage: "grant them to the service account `NAMESPACE/NAME`",
		}),
		Action: func(c *cli.Context) error {
			inv, err := l.invocation(c)
			if err != nil {
				return err
			}
			return view.PrintRights(c.Context, inv, c.String("service-account"))
		},
	}
}
