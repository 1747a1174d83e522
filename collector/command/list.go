package command

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"stocktake/collector/view"
)

const listHelp = `Reads back what Anchore holds for a cluster: each image of each namespace, as it
was reported. The settings are those of a delivery: ANCHORE_URL, ANCHORE_USER,
ANCHORE_PASSWORD, and CLUSTER_ID or the one argument. It asks the accounts that
anchore.account and account-routes name.

   stocktake list prod
   stocktake list prod -n shop -o json
   stocktake list --verify sent.json.gz      is everything there that was sent?

With --verify each image is stored, missing (sent, and not there) or extra
(there, and not sent: Anchore keeps what it once knew for as long as it is set
up to). The exit code is 0 when nothing is missing and 10 when something is. The
file is the body that was sent, or a native inventory of the same run and
settings.`

func (l *line) list() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "read back what Anchore holds for a cluster",
		ArgsUsage:   "[CLUSTER_ID]",
		Description: listHelp,
		Flags: slices.Concat(commonFlags(), []cli.Flag{namespaceFlag(),
			&cli.StringFlag{Name: "verify", Usage: "compare with the saved inventory `FILE`, or - for stdin"},
		}, tableFlags(view.ListFormats())),
		Action: l.showList,
	}
}

func (l *line) showList(c *cli.Context) error {
	if c.NArg() > 1 {
		return fmt.Errorf("%w: list takes one argument, the cluster ID", errUsage)
	}
	inv, err := l.looking(c)
	if err != nil {
		return err
	}
	if c.NArg() == 1 {
		inv.Flags["cluster-id"] = c.Args().First()
	}
	l.code = view.List(c.Context, inv, view.ListOptions{
		Namespaces: query(c).Namespaces, Verify: c.String("verify"), Format: c.String("o"), NoHeaders: c.Bool("no-headers"),
	})
	return nil
}
