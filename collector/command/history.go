package command

import (
	"slices"

	"github.com/urfave/cli/v2"

	"stocktake/collector/view"
)

const historyHelp = `Shows what changed, the newest first: what runs with history.url saw that was
otherwise before. What one run saw comes together, and first the change that nobody
sees in the tag.

   stocktake history                                 of the last 7 days
   stocktake history --since yesterday -n shop
   stocktake history --image nginx --since 2026-01-01
   stocktake history --workload Deployment/web --cluster prod -o json

   re-tagged        the same tag, another digest
   added, removed   a container of a workload runs an image that it did not, or
                    the reverse
   first-read       nobody had looked there before
   not-read         nobody looks there any more: it may be there still
   digest-unknown, digest-known   it may be the same or not

And the history itself:

   stocktake history status          its clusters, how old their readings are, its size
   stocktake history import FILE...  record inventories that were saved, of any kind,
                                     the oldest first; those that are in it count once
   stocktake history prune           delete now what history.keep says
   stocktake history forget CLUSTER  a cluster is no more: what is there ends as forgotten
   stocktake history migrate         change the schema of PostgreSQL to that of this program

Moments and the last line are those of where. The exit code is 9 when the history
cannot be read or written.`

func (l *line) history() *cli.Command {
	return &cli.Command{
		Name:        "history",
		Usage:       "show what changed, from the history; or keep that in order",
		ArgsUsage:   "[status|import FILE...|prune|forget CLUSTER|migrate]",
		Description: historyHelp,
		Flags: slices.Concat(settingsFlags(), []cli.Flag{
			&cli.StringFlag{Name: "image", Usage: "only of the image `IMAGE`, as where takes it"},
			&cli.StringFlag{Name: "workload", Usage: "only of the workload `NAME`, or KIND/NAME"},
			namespaceFlag(),
		}, momentFlags(), historyFlags()),
		Action: l.showHistory,
	}
}

func (l *line) showHistory(c *cli.Context) error {
	inv, err := l.remembering(c)
	if err != nil {
		return err
	}
	if c.NArg() == 0 {
		l.code = view.Changes(c.Context, inv, view.ChangesQuery{
			Image: c.String("image"), Workload: c.String("workload"), Namespaces: query(c).Namespaces, Clusters: namesIn(c, "cluster"),
			Since: c.String("since"), Until: c.String("until"),
		}, historyOptions(c))
		return nil
	}
	return l.keepHistory(c)
}
