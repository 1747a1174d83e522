package command

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector/settings"
)

// The pages of -help are laid out here and not by the library, because its own
// know neither an example nor the width of a terminal.
const (
	pageWidth  = 80
	pageIndent = "   "
	// flagColumn is where the meaning of flags begins. It begins in a line of its own
	// for flags that are longer.
	flagColumn = 28
)

const helpHelp = `Shows what a command is for, with examples, and its flags.

   stocktake help images`

func (l *line) help() *cli.Command {
	return &cli.Command{
		Name:        "help",
		Usage:       "say more about a command",
		ArgsUsage:   "[COMMAND]",
		Description: helpHelp,
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				l.showHelp(c.App, nil)
				return nil
			}
			word := c.Args().First()
			of := find(c.App.Commands, word)
			if of == nil {
				return fmt.Errorf("%w: %q is no command%s", errUsage, word, didYouMean(settings.Nearest(word, names(c.App.Commands))))
			}
			l.showHelp(c.App, of)
			return nil
		},
	}
}

// showHelp writes the page of a command, or that of the program.
func (l *line) showHelp(app *cli.App, of *cli.Command) {
	if of == nil {
		helpApp(l.Stdout, app)
		return
	}
	helpCommand(l.Stdout, app, of)
}

// asksForHelp looks for -help wherever it stands, and says of which command the
// help is wanted: nil is the program. What else is wrong does not matter then.
func asksForHelp(app *cli.App, args []string) (of *cli.Command, asked bool) {
	if len(args) == 0 {
		return nil, false
	}
	front, words, command := split(args[1:], app.Flags, app.Commands)
	if command != nil {
		more, _, _ := split(words, command.Flags, nil)
		front = append(front, more...)
	}
	return command, slices.ContainsFunc(front, func(flag string) bool {
		return slices.Contains([]string{"-h", "-help", "--help"}, flag)
	})
}

// helpApp writes the page of the program.
func helpApp(w io.Writer, app *cli.App) {
	fmt.Fprintf(w, "%s: %s\n\n%s\n", app.Name, app.Usage, app.UsageText)
	fmt.Fprint(w, "\nCommands\n")
	labels, texts, column := []string{}, []string{}, 0
	for _, c := range app.Commands {
		if !c.Hidden {
			labels, texts = append(labels, c.Name), append(texts, c.Usage)
			column = max(column, len(pageIndent)+len(c.Name)+2)
		}
	}
	columns(w, column, labels, texts)
	fmt.Fprint(w, "\nFlags of deliver, and of a run without a command, as a CronJob starts it\n")
	helpFlags(w, deliverFlags())
	fmt.Fprint(w, "\nCommon flags\n")
	helpFlags(w, commonFlags())
	fmt.Fprintf(w, `
Flags take one dash or two and stand anywhere. All else is a setting: a flag
--set NAME=VALUE, a variable STOCKTAKE_NAME or a line in a file.

   %[1]s help COMMAND   its flags and examples, as -h after the command
   %[1]s settings       those in effect, and where they come from
   %[1]s man            the manual, with all settings and exit codes
`, app.Name)
}

// helpCommand writes the page of a command.
func helpCommand(w io.Writer, app *cli.App, c *cli.Command) {
	words := []string{app.Name, c.Name, "[FLAGS]", c.ArgsUsage}
	fmt.Fprintf(w, "%s\n", strings.TrimSpace(strings.Join(words, " ")))
	fmt.Fprintf(w, "\n%s\n", cmp.Or(c.Description, c.Usage))
	own, common := ownFlags(c)
	if len(own) > 0 {
		fmt.Fprint(w, "\nFlags\n")
		helpFlags(w, own)
	}
	if len(common) > 0 {
		fmt.Fprint(w, "\nCommon flags\n")
		helpFlags(w, common)
	}
}

// ownFlags parts the flags of a command from those that every command has.
func ownFlags(c *cli.Command) (own, common []cli.Flag) {
	everywhere := commonFlags()
	for _, f := range c.Flags {
		switch name := f.Names()[0]; {
		case name == "help": // the library adds it to some
		case sameFlag(flagNamed(everywhere, name), f):
			common = append(common, f)
		default:
			own = append(own, f)
		}
	}
	return own, common
}

// sameFlag reports whether two flags of one name are one: --cluster means another thing where
// no cluster is asked.
func sameFlag(a, b cli.Flag) bool {
	if a == nil {
		return false
	}
	_, first := flagText(a)
	_, second := flagText(b)
	return first == second
}

func helpFlags(w io.Writer, flags []cli.Flag) {
	labels, texts := make([]string, len(flags)), make([]string, len(flags))
	for i, f := range flags {
		labels[i], texts[i] = flagText(f)
	}
	columns(w, flagColumn, labels, texts)
}

// flagText is how a flag is written, "-o, --output FORMAT", and what it means.
func flagText(f cli.Flag) (label, text string) {
	documented, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return dashed(f.Names()[0]), ""
	}
	written := f.Names()
	slices.SortStableFunc(written, func(a, b string) int { return cmp.Compare(min(len(a), 2), min(len(b), 2)) })
	for i, name := range written {
		written[i] = dashed(name)
	}
	label = strings.Join(written, ", ")
	value, text := placeholder(documented.GetUsage())
	if documented.TakesValue() {
		label += " " + value
	}
	if preset := documented.GetValue(); documented.TakesValue() && preset != "" && preset != "[]" {
		text += " (default " + strings.Trim(preset, `"`) + ")"
	}
	return label, text
}

// placeholder takes the name of the value, in backquotes, out of a flag's usage.
func placeholder(usage string) (value, text string) {
	before, rest, ok := strings.Cut(usage, "`")
	if !ok {
		return "VALUE", usage
	}
	value, after, _ := strings.Cut(rest, "`")
	return value, before + value + after
}

// columns writes what things are called on the left and what they mean on the
// right, from the given column to the width of the page.
func columns(w io.Writer, column int, labels, texts []string) {
	for i, label := range labels {
		line := pageIndent + label
		if len(line)+2 > column {
			fmt.Fprintln(w, line)
			line = ""
		}
		for _, text := range wrap(texts[i], pageWidth-column) {
			fmt.Fprintf(w, "%-*s%s\n", column, line, text)
			line = ""
		}
	}
}

// wrap breaks text into lines of at most so many bytes, except for longer words.
func wrap(text string, most int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) <= most:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
