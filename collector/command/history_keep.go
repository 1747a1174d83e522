package command

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"stocktake/collector/settings"
	"stocktake/collector/view"
)

// historyWords are what may follow the command history.
func historyWords() []string { return []string{"status", "import", "prune", "forget", "migrate"} }

// keepHistory does what the first word says to the history itself.
func (l *line) keepHistory(c *cli.Context) error {
	word, rest := c.Args().First(), c.Args().Tail()
	inv, err := l.remembering(c)
	if err != nil {
		return err
	}
	for _, flag := range []string{"image", "workload", "namespace", "cluster", "since", "until", "exit-code"} {
		if c.IsSet(flag) {
			return fmt.Errorf("%w: --%s does not go with history %s", errUsage, flag, word)
		}
	}
	switch {
	case word == "import" && len(rest) > 0:
		l.code = view.Import(c.Context, inv, rest)
	case word == "import":
		return fmt.Errorf("%w: history import takes the files to record, or - for stdin", errUsage)
	case word == "forget" && len(rest) == 1:
		l.code = view.Forget(c.Context, inv, rest[0])
	case word == "forget":
		return fmt.Errorf("%w: history forget takes one argument, the name of the cluster", errUsage)
	case !slices.Contains(historyWords(), word):
		return fmt.Errorf("%w: history takes no %q%s", errUsage, word, didYouMean(settings.Nearest(word, historyWords())))
	case len(rest) > 0:
		return fmt.Errorf("%w: history %s takes no arguments", errUsage, word)
	case word == "status":
		l.code = view.HistoryStatus(c.Context, inv, historyOptions(c))
	case word == "prune":
		l.code = view.Prune(c.Context, inv)
	case word == "migrate":
		l.code = view.Migrate(c.Context, inv)
	}
	return nil
}
