package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector/plaintext"
)

// What shells call: the words of the line so far, the last one unfinished.
// The second is for shells that lose an empty word on the way.
const (
	completeWord     = "__complete"
	completeNextWord = "__complete_next"
)

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
	return t.arguments(ctx), ""
}
