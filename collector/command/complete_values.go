package command

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
	"stocktake/collector/view"
)

// values of a flag, of which last was typed so far.
func (t *typed) values(ctx context.Context, flag, last string) candidates {
	switch flag {
	case "config", "external", "kubeconfig", "file", "f":
		return candidates{how: takeFiles}
	case "context":
		return only(view.ContextNames(t.inv)...)
	case "namespace", "n":
		return only(view.NamespaceNames(ctx, t.inv)...)
	case "cluster":
		if t.command != nil && (t.command.Name == "where" || t.command.Name == "history") {
			return only(view.HistoryClusterNames(ctx, t.inv)...)
		}
		return only()
	case "set":
		return t.assignments(ctx, last)
	}
	f, ok := flagNamed(t.flags, flag).(cli.DocGenerationFlag)
	if !ok {
		return only()
	}
	return only(choices(f.GetUsage())...)
}

// listed are the values that the usage of a flag lists after the placeholder of
// its value: "write as `FORMAT`: table, json".
var listed = regexp.MustCompile("`: ([a-z-]+(?:(?:, | or )[a-z-]+)*)$")

// choices are the values of a flag that takes only a few. The usage of the flag
// names them, and nothing else does.
func choices(usage string) []string {
	match := listed.FindStringSubmatch(usage)
	if match == nil {
		return nil
	}
	return strings.Split(strings.ReplaceAll(match[1], " or ", ", "), ", ")
}

// assignments are the names of settings and, after the =, the values of those
// that have only a few, or that are names of namespaces.
func (t *typed) assignments(ctx context.Context, last string) candidates {
	name, _, assigned := strings.Cut(last, "=")
	if !assigned {
		all := candidates{how: takeNoFiles | takeNoSpace}
		for _, s := range collector.Catalog() {
			all.words = append(all.words, [2]string{s.Name + "=", s.Doc})
		}
		return all
	}
	all := only()
	for _, s := range collector.Catalog() {
		switch {
		case s.Name != name:
		case s.Switch():
			all = only("true", "false")
		case len(s.Choices) > 0:
			all = only(s.Choices...)
		case s.Holds == "namespaces":
			all = only(view.NamespaceNames(ctx, t.inv)...)
		case s.Holds == "file":
			return candidates{how: takeFiles}
		}
	}
	for i := range all.words {
		all.words[i][0] = name + "=" + all.words[i][0]
	}
	return all
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
func (t *typed) arguments(ctx context.Context) candidates {
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
	case name == "objects" && first:
		return only(append([]string{typesWord}, view.TypeNames(ctx, t.inv)...)...)
	case name == "objects":
		return only(view.TypeNames(ctx, t.inv)...)
	case name == "history" && first:
		return only(historyWords()...)
	case name == "history" && t.words[0] == "import":
		return candidates{how: takeFiles}
	case name == "history" && t.words[0] == "forget" && len(t.words) == 1:
		return only(view.HistoryClusterNames(ctx, t.inv)...)
	case name == "send" && first, name == "report" && first, name == "diff" && len(t.words) < 2:
		return candidates{how: takeFiles}
	}
	return only()
}
