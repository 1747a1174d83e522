package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector/settings"
)

// undefined is how the library says that it does not know a flag.
const undefined = "flag provided but not defined: "

// usageError marks what the library finds wrong with a command line, and says
// what an unknown flag may have been meant to be.
func usageError(c *cli.Context, err error, _ bool) error {
	flag, ok := strings.CutPrefix(err.Error(), undefined)
	if !ok {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	flag = strings.TrimLeft(flag, "-")
	place := c.Command.Name
	if find(c.App.Commands, place) == nil {
		place = "a run, which is what happens without a command"
	}
	return fmt.Errorf("%w: %s is no flag of %s%s", errUsage, dashed(flag), place, meant(c, flag))
}

// meant says what there is in the place of a flag: the same one of a command, a
// command of that name, or one that is written nearly like it.
func meant(c *cli.Context, flag string) string {
	if find(c.App.Commands, flag) != nil {
		return ", but there is a command: " + flag
	}
	var owners []string
	for _, each := range c.App.Commands {
		if flagNamed(each.Flags, flag) != nil {
			owners = append(owners, each.Name)
		}
	}
	if len(owners) > 0 {
		return ", but one of " + strings.Join(owners, ", ")
	}
	var all []string
	for _, f := range c.Command.Flags {
		for _, name := range f.Names() {
			if len(name) > 2 { // a word of two letters is like too many
				all = append(all, name)
			}
		}
	}
	return didYouMean(dashed(settings.Nearest(flag, all)))
}

func didYouMean(word string) string {
	if strings.Trim(word, "-") == "" {
		return ""
	}
	return ": did you mean " + word + "?"
}

func names(commands []*cli.Command) []string {
	all := make([]string, 0, len(commands))
	for _, c := range commands {
		all = append(all, c.Name)
	}
	slices.Sort(all)
	return all
}
