package command

import (
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
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
