package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
	"stocktake/collector/view"
)

const objectsHelp = `Reads whole objects as a run with objects.enabled does, without what may be a
secret. TYPE is what kubectl takes (pods, deploy, widgets.example.com), and also
*.example.com for a group, default, and * for all that the API server itself
serves. Without one it is objects.types.

   stocktake objects types                    what would be read, and why not the rest
   stocktake objects types '*' -o wide

The word types lists types instead of objects: those that are chosen, those that
are absent or cannot be read, and those that no name reaches. The exit code is 6
when one that was chosen cannot be read, as that of a run.`

// typesWord asks for types in the place of objects.
const typesWord = "types"

func (l *line) objects() *cli.Command {
	return &cli.Command{
		Name:        "objects",
		Usage:       "show whole objects without their secrets, or which types there are",
		ArgsUsage:   "types [TYPE ...]",
		Description: objectsHelp,
		Flags:       slices.Concat(commonFlags(), queryFlags("objects"), tableFlags(view.ObjectTypeFormats())),
		Action:      l.showObjects,
	}
}

func (l *line) showObjects(c *cli.Context) error {
	types := typesOf(c.Args().Slice())
	if len(types) == 0 || types[0] != typesWord {
		return fmt.Errorf("%w: objects takes the word types", errUsage)
	}
	inv, err := l.looking(c)
	if err != nil {
		return err
	}
	q := collector.ObjectQuery{Query: query(c), Types: types[1:]}
	l.code = view.ObjectTypes(c.Context, inv, q, view.ObjectOptions{Format: c.String("o"), NoHeaders: c.Bool("no-headers")})
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
