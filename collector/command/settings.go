package command

import (
	"github.com/urfave/cli/v2"

	"stocktake/collector"
)

func (l *line) settings() *cli.Command {
	return &cli.Command{
		Name:  "settings",
		Usage: "print the effective settings and where each comes from, without secrets",
		Flags: commonFlags(),
		Action: func(c *cli.Context) error {
			inv, err := l.invocation(c)
			if err != nil {
				return err
			}
			return collector.PrintSettings(inv)
		},
	}
}

func (l *line) version() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "say which build this is",
		Flags: []cli.Flag{&cli.StringFlag{Name: "o", Value: "text", Usage: "text or json"}},
		Action: func(c *cli.Context) error {
			return collector.PrintVersion(l.Stdout, l.Build, c.String("o"))
		},
	}
}
