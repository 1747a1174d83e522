package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"

	"stocktake/collector"
	"stocktake/collector/settings"
	"stocktake/collector/terminal"
)

const deliverHelp = `Reads the cluster once and delivers its inventory to the receivers of the settings:
ANCHORE_URL with ANCHORE_USER and ANCHORE_PASSWORD, deliver.http.url or
deliver.file.path. CLUSTER_ID is the name under which they know the cluster. A run is
complete, or it is not delivered; the exit code names the cause.

   stocktake deliver my-cluster
   stocktake deliver --dry-run my-cluster > inventory.json    print it, send nothing

A CronJob needs no word: without a terminal, stocktake CLUSTER_ID is the same. At a
terminal a run without it wants a flag that means one: --dry-run, --external or
--config.`

func (l *line) deliver() *cli.Command {
	return &cli.Command{
		Name:        "deliver",
		Usage:       "read the cluster and deliver its inventory to the receivers of the settings",
		ArgsUsage:   "[CLUSTER_ID]",
		Description: deliverHelp,
		Flags:       append(commonFlags(), deliverFlags()...),
		Action: func(c *cli.Context) error {
			inv, err := l.invocation(c)
			if err != nil {
				return err
			}
			return l.makeRun(c, inv)
		},
	}
}

// withoutCommand is a run too, which is how a CronJob starts one. At a terminal a
// person may have meant anything else, and a run sends to receivers: there it
// takes the word, or a flag that only a run needs.
func (l *line) withoutCommand(c *cli.Context) error {
	inv, err := l.invocation(c)
	if err != nil {
		return err
	}
	if atTerminal(inv) && !l.meansARun(c, inv) {
		if c.NArg() == 0 && c.NumFlags() == 0 {
			helpApp(l.Stderr, c.App)
			l.code = collector.BadSettings
			return nil
		}
		return noCommand(c)
	}
	if word := c.Args().First(); word != "" {
		if err := notMeantAsCommand(c.App.Commands, word); err != nil {
			return err
		}
	}
	return l.makeRun(c, inv)
}

// atTerminal reports whether a person sits in front of the program: input, output or
// log is a terminal. In a pod it does not count that somebody looks on (kubectl
// run -it): what starts a pod has decided on a run.
func atTerminal(inv collector.Invocation) bool {
	if settings.InPod(inv.Environ) {
		return false
	}
	return terminal.Is(inv.Stdin) || terminal.Is(inv.Stdout) || terminal.Is(inv.Stderr)
}

// meansARun looks for a flag that says what a run is to read or to do. --kubeconfig is
// another name of --external, and one that people type before any word, because
// kubectl has it: it means nothing.
func (l *line) meansARun(c *cli.Context, inv collector.Invocation) bool {
	for _, flag := range []string{"external", "config"} {
		if path, _ := given(c, flag); path != "" && slices.ContainsFunc(l.args, func(arg string) bool { return spells(arg, flag) }) {
			return true
		}
	}
	return inv.Flags["dry-run"] == "true"
}

// spells reports an argument that is the flag, with its value or before it.
func spells(arg, flag string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
	return strings.HasPrefix(arg, "-") && name == flag
}

// noCommand says that nothing was done, and what would deliver.
func noCommand(c *cli.Context) error {
	word := c.Args().First()
	if word == "" {
		return fmt.Errorf("%w: no command: to deliver the inventory of this cluster, type %s deliver [CLUSTER_ID]", errUsage, c.App.Name)
	}
	meant := didYouMean(settings.Nearest(word, names(c.App.Commands)))
	return fmt.Errorf("%w: %q is no command%s To deliver the inventory of a cluster of that name, type %s deliver %s", errUsage, word, cmp.Or(meant, "."), c.App.Name, word)
}

// makeRun makes one collection, with the cluster ID that stands on the line.
func (l *line) makeRun(c *cli.Context, inv collector.Invocation) error {
	switch c.NArg() {
	case 0:
	case 1:
		word := c.Args().First()
		if other, ok := inv.Flags["cluster-id"]; ok && other != word {
			return fmt.Errorf("%w: two cluster IDs: %q and, with -set, %q: keep one", errUsage, word, other)
		}
		inv.Flags["cluster-id"] = word
	default:
		return fmt.Errorf("%w: %d arguments: there is one, the cluster ID", errUsage, c.NArg())
	}
	l.code = collector.Run(c.Context, inv)
	return nil
}

// notMeantAsCommand refuses a cluster ID that looks like a mistyped command: taken
// as it is, it would deliver the inventory under that name.
func notMeantAsCommand(commands []*cli.Command, word string) error {
	// Unlike a suggestion this is a refusal: two letters that changed places are a mistake,
	// two other letters ("test" for "list") another word. Jaro-Winkler tells them apart.
	const alike = 0.9
	for _, command := range commands {
		if smetrics.JaroWinkler(word, command.Name, 0.7, 4) >= alike {
			return fmt.Errorf("%w: %q is no command: did you mean %s? A cluster of that name is given as -set cluster-id=%s", errUsage, word, command.Name, word)
		}
	}
	return nil
}
