package command

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
)

func (l *line) send() *cli.Command {
	return &cli.Command{
		Name:      "send",
		Usage:     "deliver an inventory that was saved earlier, from FILE or from stdin (-)",
		ArgsUsage: "FILE|-",
		Flags:     commonFlags(),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return fmt.Errorf("%w: send takes one argument: a file, or - for stdin", errUsage)
			}
			inv, err := l.invocation(c)
			if err == nil {
				l.code = collector.Send(c.Context, inv, c.Args().First(), l.Stdin)
			}
			return err
		},
	}
}
