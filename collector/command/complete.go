package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
	"stocktake/collector/plaintext"
)

// What shells call: the words of the line so far, the last one unfinished.
// The second is for shells that lose an empty word on the way.
const (
	completeWord     = "__complete"
	completeNextWord = "__complete_next"
)

// How a shell is to take the candidates. Numbers and form, a candidate and what it
// means in each line and then a colon with the sum, are those that kubectl expects
// of its plugins (kubernetes#105867).
const (
	takeFiles   = 0 // there are none, but a file fits
	takeNoSpace = 2 // more of the word comes
	takeNoFiles = 4
)

// candidates are what may stand in the place of the last word.
type candidates struct {
	words [][2]string // a word and what it means
	how   int
}

func only(words ...string) candidates {
	c := candidates{how: takeNoFiles}
	for _, word := range words {
		c.words = append(c.words, [2]string{word, ""})
	}
	return c
}

// completes says whether the program was called by a shell, and by which words.
func completes(args []string) (words []string, ok bool) {
	if len(args) < 2 {
		return nil, false
	}
	switch args[1] {
	case completeWord:
		return args[2:], len(args) > 2
	case completeNextWord:
		return append(slices.Clone(args[2:]), ""), true
	}
	return nil, false
}

// complete prints the candidates for the last word.
func (l *line) complete(ctx context.Context, app *cli.App, words []string) {
	last := words[len(words)-1]
	t := l.typed(app, words[:len(words)-1])
	found, start := l.candidates(ctx, t, last)
	for _, c := range found.words {
		word := start + c[0]
		if !strings.HasPrefix(word, last) || plaintext.Line(word) != word {
			continue
		}
		if c[1] != "" {
			word += "\t" + c[1]
		}
		fmt.Fprintln(l.Stdout, word)
	}
	fmt.Fprintf(l.Stdout, ":%d\n", found.how)
}

// typed is what stands on the line before the word that is looked for.
type typed struct {
	app     *cli.App
	command *cli.Command // nil: none yet
	flags   []cli.Flag   // that may follow
	words   []string     // that are no flags, after the command
	waiting string       // the flag whose value comes next, if one does
	noFlags bool         // after "--"
	inv     collector.Invocation
}

// typed reads the line. Mistakes in it are for the run to tell.
func (l *line) typed(app *cli.App, words []string) typed {
	t := typed{app: app, flags: app.Flags, inv: collector.Invocation{Build: l.Build, Environ: l.Environ, Flags: map[string]string{}}}
	for _, word := range words {
		switch {
		case t.waiting != "":
			t.note(t.waiting, word)
			t.waiting = ""
		case word == "--":
			t.noFlags = true
		case !t.noFlags && strings.HasPrefix(word, "-") && word != "-":
			t.flag(word)
		case t.command == nil && len(t.words) == 0 && find(app.Commands, word) != nil:
			t.command = find(app.Commands, word)
			t.flags = t.command.Flags
		default:
			t.words = append(t.words, word)
		}
	}
	return t
}

func (t *typed) flag(word string) {
	parts := detached(t.flags, word)
	name, value, given := strings.Cut(strings.TrimLeft(parts[0], "-"), "=")
	if len(parts) > 1 {
		value, given = parts[1], true
	}
	switch {
	case given:
		t.note(name, value)
	case takesValue(t.flags, parts[0]):
		t.waiting = name
	}
}

// note keeps what decides on the cluster that is asked.
func (t *typed) note(flag, value string) {
	switch flag {
	case "config":
		t.inv.Config = value
	case "external", "kubeconfig":
		t.inv.Flags["kubeconfig.path"] = value
	case "context":
		t.inv.Flags["kubeconfig.context"] = value
	case "cluster", "user", "as", "request-timeout":
		t.inv.Flags[flagSettings[flag]] = value
	case "set":
		if name, value, ok := strings.Cut(value, "="); ok {
			t.inv.Flags[name] = value
		}
	}
}

// candidates for the last word, and with what each of them is to begin.
func (l *line) candidates(ctx context.Context, t typed, last string) (all candidates, start string) {
	isFlag := strings.HasPrefix(last, "-") && !t.noFlags
	flag, value, assigned := strings.Cut(last, "=")
	switch {
	case t.waiting != "":
		return t.values(ctx, t.waiting, last), ""
	case isFlag && assigned:
		return t.values(ctx, strings.TrimLeft(flag, "-"), value), flag + "="
	case isFlag:
		return t.flagNames(last), ""
	}
	return t.arguments(), ""
}

// flagNames are written with one dash by who began with one.
func (t *typed) flagNames(last string) candidates {
	all := candidates{how: takeNoFiles}
	oneDash := len(last) > 1 && !strings.HasPrefix(last, "--")
	for _, f := range append(slices.Clone(t.flags), cli.HelpFlag) {
		_, text := flagText(f)
		for _, name := range f.Names() {
			written := dashed(name)
			if oneDash {
				written = "-" + name
			}
			all.words = append(all.words, [2]string{written, text})
		}
	}
	return all
}

// arguments are what may stand in the place of a word that is no flag.
func (t *typed) arguments() candidates {
	name := ""
	if t.command != nil {
		name = t.command.Name
	}
	first := len(t.words) == 0
	switch {
	case name == "" && first, name == "help" && first:
		all := candidates{how: takeNoFiles}
		for _, c := range t.app.Commands {
			all.words = append(all.words, [2]string{c.Name, c.Usage})
		}
		return all
	case name == "completion" && first:
		return only(strings.Split(t.command.ArgsUsage, "|")...)
	case name == "send" && first, name == "report" && first, name == "diff" && len(t.words) < 2:
		return candidates{how: takeFiles}
	}
	return only()
}
