package command

import (
	"github.com/urfave/cli/v2"

	"stocktake/collector/view"
)

const settingsHelp = `Prints every setting, its value, and whether that is the default or comes from a
file, a variable or a flag. Secrets are shown as ******. Nothing is asked of a
cluster or a receiver.

   stocktake settings
   stocktake settings --config kai.yaml | grep anchore    how a file is understood`

const versionHelp = `Says which build this is.

   stocktake version
   stocktake version -o json`

func (l *line) settings() *cli.Command {
	return &cli.Command{
		Name:        "settings",
		Usage:       "print the effective settings and where each comes from, without secrets",
		Description: settingsHelp,
		Flags:       commonFlags(),
		Action: func(c *cli.Context) error {
			inv, err := l.invocation(c)
			if err != nil {
				return err
			}
			return view.PrintSettings(inv)
		},
	}
}

func (l *line) version() *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "say which build this is",
		Description: versionHelp,
		Flags:       []cli.Flag{&cli.StringFlag{Name: "o", Value: "text", Usage: "write as `FORMAT`: text or json"}},
		Action: func(c *cli.Context) error {
			return view.PrintVersion(l.Stdout, l.Build, c.String("o"))
		},
	}
}
