package command

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
	"stocktake/collector/view"
)

const objectsHelp = `Counts whole objects, or shows them, as a run with objects.enabled would send
them: without what may be a secret. TYPE is what kubectl takes (pods, deploy,
widgets.example.com), and also *.example.com for a group, default, and * for all
that the API server itself serves. Without one it is objects.types, or all of a
saved body (of the kind objects).

   stocktake objects                          how many of each type
   stocktake objects deploy,sts -n shop -o yaml
   stocktake objects pods -l app=web --by owner
   stocktake objects -f saved.ndjson.gz -o json | jq '.[].metadata.name'
   stocktake objects types                    what is read, and why not the rest
   stocktake objects types '*' -o wide

A type is read in full or not at all. One that may not be listed or cannot be
read is in the table with its state, and the exit code is that of a run: 3 or 6.
json, ndjson, yaml and name then write nothing, unless objects.skip-forbidden or
allow-incomplete is set: then they write the others, and the code is 7. A name
that is not served is absent, with a warning. Owners are those among the objects
that are read: pods alone show the ReplicaSets that they name.

The word types lists types instead: those that are chosen, those that are absent
or cannot be read (6), and those that no name reaches. It takes table, wide, json
and name, and neither -l, -f nor --by.`

// typesWord asks for types in the place of objects.
const typesWord = "types"

func (l *line) objects() *cli.Command {
	return &cli.Command{
		Name:        "objects",
		Usage:       "count or show whole objects, without their secrets",
		ArgsUsage:   "[types] [TYPE ...]",
		Description: objectsHelp,
		Flags: slices.Concat(commonFlags(), queryFlags("objects"), []cli.Flag{
			&cli.StringFlag{Name: "by", Value: "type", Usage: "count by `SIDE`: " + strings.Join(view.ObjectGroupings(), ", ")},
		}, tableFlags(view.ObjectFormats())),
		Action: l.showObjects,
	}
}

func (l *line) showObjects(c *cli.Context) error {
	inv, err := l.looking(c)
	if err != nil {
		return err
	}
	q := collector.ObjectQuery{Query: query(c), Types: typesOf(c.Args().Slice())}
	v := view.ObjectOptions{By: c.String("by"), Format: c.String("o"), NoHeaders: c.Bool("no-headers")}
	if c.Args().First() == typesWord {
		q.Types = q.Types[1:]
		l.code = view.ObjectTypes(c.Context, inv, q, v)
		return nil
	}
	l.code = view.Objects(c.Context, inv, q, v)
	return nil
}

// typesOf are the types that words name: several in one are parted by commas, as kubectl takes
// them.
func typesOf(words []string) (types []string) {
	for _, word := range words {
		for name := range strings.SplitSeq(word, ",") {
			types = append(types, strings.TrimSpace(name))
		}
	}
	return types
}
