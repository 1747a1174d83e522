package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
	"stocktake/collector/view"
)

// commonFlags are those of every command.
func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "config", Usage: "read settings from `PATH`: a folder with one file per setting, or a YAML file"},
		&cli.StringFlag{Name: "external", Aliases: []string{"kubeconfig"}, Usage: "reach the cluster from outside by the kubeconfig `PATH`"},
		&cli.StringFlag{Name: "context", Usage: "use the context `NAME` of the kubeconfig"},
		&cli.StringFlag{Name: "cluster", Usage: "use the cluster `NAME` of the kubeconfig, not the context's"},
		&cli.StringFlag{Name: "user", Usage: "use the user `NAME` of the kubeconfig, not the context's"},
		&cli.StringFlag{Name: "as", Usage: "impersonate the user `NAME`"},
		&cli.StringSliceFlag{Name: "as-group", Usage: "impersonate the group `NAME` too; can be repeated"},
		&cli.StringFlag{Name: "request-timeout", Usage: "give up a single request after `TIME`, as 30s or 2m; 0: no limit"},
		&cli.BoolFlag{Name: "debug", Usage: "log more, readably"},
		&cli.BoolFlag{Name: "quiet", Usage: "log nothing but errors"},
		&cli.StringSliceFlag{Name: "set", Usage: "give any setting as `NAME=VALUE`; can be repeated"},
	}
}

// deliverFlags are those of deliver, and of a run without a command.
func deliverFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "dry-run", Usage: "print the body that would be sent, as JSON, and send nothing"},
		&cli.StringFlag{Name: "output", Usage: "print what was found as `FORMAT`: table or json"},
	}
}

// flagSettings are the flags that stand for one setting each.
var flagSettings = map[string]string{
	"external":        "kubeconfig.path",
	"context":         "kubeconfig.context",
	"cluster":         "kubeconfig.use-cluster",
	"user":            "kubeconfig.use-user",
	"as":              "kubeconfig.as",
	"as-group":        "kubeconfig.as-group",
	"request-timeout": "kubernetes.request-timeout",
	"dry-run":         "dry-run",
	"output":          "output",
	"quiet":           "quiet",
}

// invocation gathers the settings of the command line, those before the command
// and those after it, which are stronger. Flags of their own are stronger than
// -set.
func (l *line) invocation(c *cli.Context) (collector.Invocation, error) {
	inv := collector.Invocation{
		Build: l.Build, Flags: map[string]string{}, Environ: l.Environ, Stdin: l.Stdin, Stdout: l.Stdout, Stderr: l.Stderr,
		Watch: view.Progress,
	}
	if err := namesNothing(c, "as-group", "namespace"); err != nil {
		return inv, err
	}
	inv.Config, _ = given(c, "config")
	for _, assignment := range assignments(c) {
		name, value, ok := strings.Cut(assignment, "=")
		if !ok {
			return inv, fmt.Errorf("%w: -set %s: write it as NAME=VALUE", errUsage, name)
		}
		inv.Flags[name] = value
	}
	for flag, setting := range flagSettings {
		if value, ok := given(c, flag); ok {
			inv.Flags[setting] = value
		}
	}
	if debug, _ := given(c, "debug"); debug == "true" {
		inv.Flags["log.level"] = "debug"
	}
	return inv, nil
}

// namesNothing refuses an empty name in a flag that can be repeated. As a variable of a
// script that is not set leaves it, it would be dropped, and more would be read, or
// with other rights, than was meant.
func namesNothing(c *cli.Context, flags ...string) error {
	for _, flag := range flags {
		for _, at := range c.Lineage() {
			if slices.ContainsFunc(at.StringSlice(flag), func(name string) bool { return strings.TrimSpace(name) == "" }) {
				return fmt.Errorf("%w: --%s has an empty name: give one, or leave the flag out", errUsage, flag)
			}
		}
	}
	return nil
}

// given is the value of a flag where it stands closest to the command. The
// library alone would look at the command and forget what stands before it.
func given(c *cli.Context, flag string) (string, bool) {
	for _, at := range c.Lineage() {
		if at.IsSet(flag) {
			if list, ok := at.Value(flag).(cli.StringSlice); ok {
				return strings.Join(list.Value(), "\n") + "\n", true
			}
			return fmt.Sprint(at.Value(flag)), true
		}
	}
	return "", false
}

// assignments are the values of -set, those before the command first.
func assignments(c *cli.Context) []string {
	var all []string
	for _, at := range c.Lineage() {
		if at.IsSet("set") {
			all = append(at.StringSlice("set"), all...)
		}
	}
	return all
}

// flagsFirst moves flags before the words they stand among, because the library
// takes none after the first word. What comes after "--" are words.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) == 0 {
		return args
	}
	sorted := []string{args[0]}
	rest, flags := args[1:], app.Flags
	for {
		front, words, command := split(rest, flags, app.Commands)
		sorted = append(sorted, front...)
		if command == nil {
			return append(sorted, words...)
		}
		sorted = append(sorted, command.Name)
		rest, flags, app = words, command.Flags, &cli.App{Commands: command.Subcommands}
	}
}

// split separates flags, with their values, from words. It stops at the first
// word if that is a command, and then returns it with everything after it.
func split(args []string, flags []cli.Flag, commands []*cli.Command) (front, words []string, command *cli.Command) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			return front, append(append(words, arg), args[i+1:]...), nil
		case !strings.HasPrefix(arg, "-") || arg == "-":
			if c := find(commands, arg); c != nil && len(words) == 0 {
				return front, args[i+1:], c
			}
			words = append(words, arg)
		case takesValue(flags, arg) && i+1 < len(args):
			front = append(front, arg, args[i+1])
			i++
		default:
			front = append(front, detached(flags, arg)...)
		}
	}
	return front, words, nil
}

// detached parts a flag of one letter from the value that is written right behind
// it, -nshop or -ojson, as kubectl takes it.
func detached(flags []cli.Flag, arg string) []string {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	if strings.HasPrefix(arg, "--") || len(name) < 2 || flagNamed(flags, name) != nil || !takesValue(flags, name[:1]) {
		return []string{arg}
	}
	return []string{arg[:2], arg[2:]}
}

func find(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// takesValue says whether the argument is a flag whose value is the next one.
func takesValue(flags []cli.Flag, arg string) bool {
	documented, ok := flagNamed(flags, strings.TrimLeft(arg, "-")).(cli.DocGenerationFlag)
	return ok && documented.TakesValue()
}

func flagNamed(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// dashed is a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
