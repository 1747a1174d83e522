package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector/view"
)

const imagesHelp = `Shows every image once: name, tag, digest, and how many pods use it where. On a
terminal the table fits the width; written to a file or a pipe nothing is cut.

   stocktake images                           of the cluster that kubectl talks to
   stocktake images -n shop --by workload     of one namespace, by what runs them
   stocktake images --no-digest -o name       those nobody can tell the content of
   stocktake images -f saved.json.gz -o csv   of an inventory that was saved
   stocktake images --seen                    and since when, by history.url
   stocktake images -o cyclonedx              for tools that keep track of software

json is an array, ndjson an object on each line, both with the fields reference,
name, registry, tag, digest, config_id, flags, pods, running, containers,
namespaces, workloads, nodes, platforms and kinds; by anything but image: name,
namespace, platform, pods, running, containers, without_digest and images. csv
has the same columns. With --seen there are first_seen and last_seen, too.`

func (l *line) images() *cli.Command {
	return &cli.Command{
		Name:        "images",
		Usage:       "show which images are in use, and where",
		Description: imagesHelp,
		Flags: slices.Concat(commonFlags(), queryFlags("pods"), []cli.Flag{
			&cli.StringFlag{Name: "by", Value: "image", Usage: "one row for each `SIDE`: " + strings.Join(view.ImageGroupings(), ", ")},
			&cli.BoolFlag{Name: "seen", Usage: "tell when the history saw each image first and last, in CLUSTER_ID or else in any cluster"},
			&cli.BoolFlag{Name: "no-digest", Usage: "only images whose digest is unknown"},
			&cli.StringFlag{Name: "sort", Value: "name", Usage: "sort by `COLUMN`: " + strings.Join(view.ImageOrders(""), ", ")},
		}, tableFlags(view.ImageFormats())),
		Action: l.showImages,
	}
}

func (l *line) showImages(c *cli.Context) error {
	if c.NArg() > 0 {
		return fmt.Errorf("%w: images takes no arguments: a namespace is given as -n %s", errUsage, c.Args().First())
	}
	inv, err := l.looking(c)
	if err != nil {
		return err
	}
	l.code = view.Images(c.Context, inv, query(c), view.ImageOptions{
		By: c.String("by"), Sort: c.String("sort"), Format: c.String("o"), NoDigest: c.Bool("no-digest"), Seen: c.Bool("seen"), NoHeaders: c.Bool("no-headers"),
	})
	return nil
}
