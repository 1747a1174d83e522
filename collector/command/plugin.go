package command

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"
)

// pluginName is the program's when it is a plugin of kubectl, which finds its
// plugins on PATH by their names.
const pluginName = "kubectl-stocktake"

// name is what to type to start the program that was called by this path.
func name(called string) string {
	// Of any system's path: a program that is called by the other's has that name.
	base := filepath.Base(strings.ReplaceAll(called, `\`, "/"))
	if strings.TrimSuffix(base, ".exe") == pluginName {
		return "kubectl stocktake"
	}
	return "stocktake"
}

// examples begin with the name of the program.
var examples = regexp.MustCompile(`(?m)^( *)stocktake\b`)

// rename makes the help say what to type.
func rename(app *cli.App, name string) {
	app.Name, app.HelpName = name, name
	app.UsageText = examples.ReplaceAllString(app.UsageText, "${1}"+name)
	for _, c := range app.Commands {
		c.UsageText = examples.ReplaceAllString(c.UsageText, "${1}"+name)
		c.Description = examples.ReplaceAllString(c.Description, "${1}"+name)
	}
}
