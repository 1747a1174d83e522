package command

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
)

const sendHelp = `Delivers what -dry-run or the receiver deliver.file.path wrote, compressed or not,
to the receivers of the settings: from another machine, or once more.

   stocktake deliver -dry-run my-cluster > inventory.json
   stocktake send inventory.json
   gunzip < inventory.json.gz | stocktake send -`

func (l *line) send() *cli.Command {
	return &cli.Command{
		Name:        "send",
		Usage:       "deliver an inventory that was saved earlier, from FILE or from stdin (-)",
		ArgsUsage:   "FILE|-",
		Description: sendHelp,
		Flags:       commonFlags(),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return fmt.Errorf("%w: send takes one argument: a file, or - for stdin", errUsage)
			}
			inv, err := l.invocation(c)
			if err == nil {
				l.code = collector.Send(c.Context, inv, c.Args().First())
			}
			return err
		},
	}
}
