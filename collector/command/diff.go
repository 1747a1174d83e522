package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector/view"
)

const diffHelp = `Shows which images were added or removed, and first of all which tags mean
another content than before. OLD and NEW are saved inventories of any kind; one
of them may be - for stdin, or live for the cluster that kubectl talks to. With
history.url either may be a moment, as where takes it: it means the last complete
run before it, or of that day. A file of such a name is given as ./yesterday.

   stocktake diff monday.json.gz tuesday.json.gz
   stocktake diff saved.json live -n shop     what happened in one namespace
   stocktake diff yesterday live              what happened since, by the history
   stocktake diff old.json new.json -o json | jq '.counts'

The exit code is 0 when they are the same and 10 when they differ; 7 says that
no difference was found, but that one of them is incomplete: a namespace that
was not read is not compared. Images are compared, not pods, namespace by
namespace.

   re-tagged        the same tag, another digest: nobody changed a line, and it
                    runs something else (or both, while a rollout is under way)
   added, removed   the namespace uses an image that it did not, or the reverse
   digest-unknown   it may be the same or not: its digest is not known any more
   digest-known     likewise, before

A container that has not started says nothing. Config ids are compared within
a platform. Inventories of different kinds are compared by what both can know,
under the present missing-tag-policy and missing-registry-override; what may come
from the kinds alone is not counted, and named with the reason in JSON (uncertain).
Those of KAI and of Anchore's collector leave out ephemeral containers. Compare
those with one ignore-not-running: they do not say what does not run.`

func (l *line) diff() *cli.Command {
	return &cli.Command{
		Name:        "diff",
		Usage:       "show what became of the images between two inventories",
		ArgsUsage:   "OLD NEW",
		Description: diffHelp,
		Flags: slices.Concat(commonFlags(), []cli.Flag{namespaceFlag(),
			&cli.StringFlag{Name: "by", Value: "image", Usage: "list by `SIDE`: " + strings.Join(view.DiffGroupings(), ", ")},
		}, tableFlags(view.DiffFormats())),
		Action: l.showDiff,
	}
}

func (l *line) showDiff(c *cli.Context) error {
	if c.NArg() != 2 {
		return fmt.Errorf("%w: diff takes two arguments, OLD and NEW: files, - for stdin, live for the cluster, or moments of the history", errUsage)
	}
	inv, err := l.looking(c)
	if err != nil {
		return err
	}
	q := view.DiffQuery{Old: c.Args().Get(0), New: c.Args().Get(1), Namespaces: query(c).Namespaces}
	l.code = view.Diff(c.Context, inv, q, view.DiffOptions{By: c.String("by"), Format: c.String("o"), NoHeaders: c.Bool("no-headers")})
	return nil
}
