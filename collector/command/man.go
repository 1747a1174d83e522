package command

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"stocktake/collector"
)

const manHelp = `Prints the manual as a page for man: every command, flag, setting, exit code,
variable and file.

   stocktake man | man -l -                                              read it
   stocktake man | sudo tee /usr/local/share/man/man1/stocktake.1 >/dev/null   keep it`

func (l *line) man() *cli.Command {
	return &cli.Command{
		Name:        "man",
		Usage:       "print the manual, for man -l -",
		Description: manHelp,
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return fmt.Errorf("%w: man takes no arguments: it is one page for all commands", errUsage)
			}
			_, err := l.Stdout.Write(manual(c.App, l.Build))
			return err
		},
	}
}

// manual is the page in the language of man(7). The library could write one (ToMan), of
// 500 lines where this has 1,000: it knows neither settings nor exit codes, variables,
// files and examples, repeats the common flags with each command, puts the page into
// section 8 and gives it no date, which mandoc warns of.
func manual(app *cli.App, build collector.Build) []byte {
	day, _, _ := strings.Cut(build.Date, "T")
	if strings.Trim(day, "0123456789-") != "" {
		day = "" // a build from source has none
	}
	var p roff
	p.title("STOCKTAKE", day, "stocktake "+build.Version)
	p.section("NAME")
	p.text("stocktake - " + app.Usage)
	p.section("SYNOPSIS")
	p.synopsis("stocktake", "COMMAND [FLAGS] [ARGUMENTS]")
	p.synopsis("stocktake", "[FLAGS] [CLUSTER_ID]")
	p.section("DESCRIPTION")
	p.page(manDescription)
	p.section("OPTIONS")
	p.page("Flags take one dash or two and stand anywhere. These belong to every command that reads settings:")
	p.flags(commonFlags())
	p.page("These belong to deliver, and to a run without a command:")
	p.flags(deliverFlags())
	p.section("COMMANDS")
	for _, c := range app.Commands {
		if !c.Hidden {
			p.command(c)
		}
	}
	p.settings()
	p.exits()
	p.section("ENVIRONMENT")
	p.terms(manVariables)
	p.section("FILES")
	p.terms(manFiles)
	p.section("EXAMPLES")
	p.page(manExamples)
	p.section("SEE ALSO")
	p.text("kubectl(1), kubeconfig files: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/")
	return p.Bytes()
}

// command writes about one command.
func (p *roff) command(c *cli.Command) {
	p.subsection("stocktake " + strings.TrimSpace(c.Name+" "+c.ArgsUsage))
	text := c.Description
	if text == "" {
		text = c.Usage
	}
	p.page(text)
	own, _ := ownFlags(c)
	p.flags(own)
}

func (p *roff) flags(flags []cli.Flag) {
	for _, f := range flags {
		label, text := flagText(f)
		p.term(label, text)
	}
}

func (p *roff) settings() {
	p.section("SETTINGS")
	p.page(manSettings)
	for _, s := range collector.Catalog() {
		p.term(s.Name, s.Doc)
		var facts []string
		if len(s.OwnVariables()) > 0 {
			facts = append(facts, "variable "+strings.Join(s.OwnVariables(), ", "))
		}
		if s.Flag != "" {
			facts = append(facts, "flag "+s.Flag)
		}
		if s.Default != "" {
			facts = append(facts, "default "+s.Default)
		}
		p.below(strings.Join(facts, "; "))
	}
}

func (p *roff) exits() {
	p.section("EXIT STATUS")
	p.page("The code names the cause. The summary of a run, its last log line, says it too. " +
		collector.UncaughtText)
	for _, e := range collector.ExitTexts() {
		text := e.Meaning + "."
		switch e.Retry {
		case "yes":
			text += " A retry helps."
		case "no":
			text += " A retry does not help."
		case "perhaps":
			text += " A retry may help."
		}
		p.term(strconv.Itoa(int(e.Code)), text)
	}
}
