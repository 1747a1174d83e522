package command

import (
	_ "embed"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

//go:embed shell/completion.bash
var bashScript string

//go:embed shell/completion.zsh
var zshScript string

//go:embed shell/completion.fish
var fishScript string

//go:embed shell/completion.ps1
var powershellScript string

//go:embed shell/kubectl_complete-stocktake
var kubectlScript string

// scripts make a shell ask the program what may come next.
func scripts() map[string]string {
	return map[string]string{
		"bash": bashScript, "zsh": zshScript, "fish": fishScript, "powershell": powershellScript, "kubectl": kubectlScript,
	}
}

const completionHelp = `Prints a script that makes a shell complete commands, flags and their values, names
of settings, contexts and namespaces. Its first lines say where to put it.

   source <(stocktake completion bash)            in ~/.bashrc
   source <(stocktake completion zsh)             in ~/.zshrc
   stocktake completion fish | source             in ~/.config/fish/config.fish
   stocktake completion powershell | Out-String | Invoke-Expression    in $PROFILE

For kubectl stocktake, a program of this name on PATH does it:

   stocktake completion kubectl > ~/bin/kubectl_complete-stocktake
   chmod +x ~/bin/kubectl_complete-stocktake`

func (l *line) completion() *cli.Command {
	shells := slices.Sorted(maps.Keys(scripts()))
	return &cli.Command{
		Name:        "completion",
		Usage:       "print a script for a shell that completes what is typed",
		ArgsUsage:   strings.Join(shells, "|"),
		Description: completionHelp,
		Action: func(c *cli.Context) error {
			script, ok := scripts()[c.Args().First()]
			if !ok || c.NArg() != 1 {
				return fmt.Errorf("%w: completion takes the name of a shell: %s", errUsage, strings.Join(shells, ", "))
			}
			_, err := io.WriteString(l.Stdout, script)
			return err
		},
	}
}
