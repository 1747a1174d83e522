package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
	"stocktake/collector/view"
)

const whereHelp = `Says where an image was seen, from when to when: in the history that runs with
history.url keep. IMAGE is a name in any registry, with a tag or without, a glob, a
digest, or the first 12 digits of one (or of the id of a configuration).

   stocktake where nginx                             any tag, in every cluster
   stocktake where registry.example.com/shop/web:1.4
   stocktake where '*log4j*' --since 2021-12-09      was it there then, or later?
   stocktake where sha256:0123456789ab --now         which clusters still have it?

After the rows, and in JSON and NDJSON as coverage, comes what the answer is worth:
the clusters that were looked at, since when, how old the oldest reading is, and what
was not read. Between two readings nobody looked: what may have been there in the time
that --since and --until name is shown.

   now              the last reading of its namespace saw it
   intermittent     likewise, and it comes and goes, as what CronJobs run does
   gone             it was looked for, and not there any more
   not read since   its namespace or cluster is not read any more: it may be there
   digest known     it goes on in another row, under its digest

A moment is now, today, yesterday, a weekday (monday), how long ago (36h, 7d, 2w), a
date (2026-11-01), or a time (2026-11-01T15:04, or with seconds and a zone). The
exit code is 9 when the history cannot be read.`

func (l *line) where() *cli.Command {
	return &cli.Command{
		Name:        "where",
		Usage:       "say where an image was seen, from when to when",
		ArgsUsage:   "IMAGE|NAME|DIGEST",
		Description: whereHelp,
		Flags: slices.Concat(settingsFlags(), momentFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "now", Usage: "only where it still is, as far as is known"},
		}, historyFlags()),
		Action: l.showWhere,
	}
}

func (l *line) showWhere(c *cli.Context) error {
	if c.NArg() != 1 {
		return fmt.Errorf("%w: where takes one argument: an image, a name or a digest", errUsage)
	}
	inv, err := l.remembering(c)
	if err != nil {
		return err
	}
	l.code = view.Where(c.Context, inv, view.WhereQuery{
		Image: c.Args().First(), Clusters: namesIn(c, "cluster"), Since: c.String("since"), Until: c.String("until"), Now: c.Bool("now"),
	}, historyOptions(c))
	return nil
}

// settingsFlags are the common flags of commands that ask no cluster.
func settingsFlags() []cli.Flag {
	return slices.DeleteFunc(commonFlags(), func(f cli.Flag) bool {
		return !slices.Contains([]string{"config", "debug", "quiet", "set"}, f.Names()[0])
	})
}

// momentFlags say which clusters and which time are looked at.
func momentFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "cluster", Usage: "only the cluster that receivers know as `NAME`; can be repeated"},
		&cli.StringFlag{Name: "since", Usage: "from this `MOMENT` on: yesterday, 7d, 2026-11-01"},
		&cli.StringFlag{Name: "until", Usage: "up to this `MOMENT`, a day to its end"},
	}
}

// historyFlags say how an answer of the history is written.
func historyFlags() []cli.Flag {
	return append(tableFlags(view.HistoryFormats()), &cli.BoolFlag{Name: "exit-code", Usage: "end with 10 when something was found, with 0 when nothing was"})
}

func historyOptions(c *cli.Context) view.HistoryOptions {
	return view.HistoryOptions{Format: c.String("o"), NoHeaders: c.Bool("no-headers"), ExitCode: c.Bool("exit-code")}
}

// remembering is the invocation of a command that asks the history and no cluster: there,
// -cluster is not one of the kubeconfig.
func (l *line) remembering(c *cli.Context) (collector.Invocation, error) {
	inv, err := l.looking(c)
	delete(inv.Flags, "kubeconfig.use-cluster")
	if err == nil {
		err = namesNothing(c, "cluster")
	}
	return inv, err
}

// namesIn are the names in a flag that can be repeated.
func namesIn(c *cli.Context, flag string) []string {
	var all []string
	for _, names := range c.StringSlice(flag) {
		for name := range strings.SplitSeq(names, ",") {
			if name = strings.TrimSpace(name); name != "" {
				all = append(all, name)
			}
		}
	}
	return all
}
