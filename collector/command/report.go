package command

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector/view"
)

const reportHelp = `Writes a page for a browser to FILE, or to stdout (-): which images are in use and
where, to search, sort and filter, with charts, to print and to hand on. It is one
file that loads nothing.

   stocktake report images.html                      of the cluster that kubectl talks to
   stocktake report -f saved.json.gz images.html     of an inventory that was saved`

func (l *line) report() *cli.Command {
	return &cli.Command{
		Name:        "report",
		Usage:       "write a page about the images in use to FILE or to stdout (-)",
		ArgsUsage:   "FILE|-",
		Description: reportHelp,
		Flags: append(append(commonFlags(), queryFlags("pods")...),
			&cli.StringFlag{Name: "o", Aliases: []string{"output"}, Value: "html", Usage: "write as `FORMAT`: " + strings.Join(view.ReportFormats(), ", ")},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return fmt.Errorf("%w: report takes one argument: the file to write, or - for stdout", errUsage)
			}
			inv, err := l.looking(c)
			if err != nil {
				return err
			}
			l.code = view.Report(c.Context, inv, query(c), c.String("o"), c.Args().First())
			return nil
		},
	}
}
