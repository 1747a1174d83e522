package command

import (
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
)

// queryFlags choose what a command for people looks at, as kubectl's do.
func queryFlags(of string) []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "namespace", Aliases: []string{"n"}, Usage: "only namespace `NAME`, and no right beyond it is needed; can be repeated"},
		&cli.BoolFlag{Name: "all-namespaces", Aliases: []string{"A"}, Usage: "every namespace, whatever namespace-selectors say"},
		&cli.StringFlag{Name: "selector", Aliases: []string{"l"}, Usage: "only " + of + " whose labels match `SELECTOR`: app=web,tier!=test"},
		&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "look at a saved inventory, `FILE` or - for stdin, not at a cluster"},
	}
}

func query(c *cli.Context) collector.Query {
	q := collector.Query{File: c.String("file"), All: c.Bool("all-namespaces"), Selector: c.String("selector")}
	for _, names := range c.StringSlice("namespace") {
		for name := range strings.SplitSeq(names, ",") {
			if name = strings.TrimSpace(name); name != "" {
				q.Namespaces = append(q.Namespaces, name)
			}
		}
	}
	return q
}

func namespaceFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "namespace", Aliases: []string{"n"}, Usage: "only namespace `NAME`; can be repeated"}
}

// tableFlags say how a table is written, or what in its place.
func tableFlags(formats []string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "o", Aliases: []string{"output"}, Value: "table", Usage: "write as `FORMAT`: " + strings.Join(formats, ", ")},
		&cli.BoolFlag{Name: "no-headers", Usage: "tables without titles and total"},
	}
}

// looking is the invocation of a command for people. What a collection prints is the
// setting output; what such a command prints is not.
func (l *line) looking(c *cli.Context) (collector.Invocation, error) {
	inv, err := l.invocation(c)
	delete(inv.Flags, "output")
	return inv, err
}
