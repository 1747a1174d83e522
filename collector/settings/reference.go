package settings

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"stocktake/collector/plaintext"
)

// Markdown returns the reference of all settings as a table.
func (c Catalog) Markdown() string {
	var b strings.Builder
	b.WriteString("| setting | variable | default | what it does |\n|---|---|---|---|\n")
	for _, s := range c {
		preset := ""
		if s.Default != "" {
			preset = "`" + s.Default + "`"
		}
		doc := strings.ReplaceAll(s.Doc, "|", `\|`)
		if s.Flag != "" {
			doc += " (`" + s.Flag + "`)"
		}
		variable := ""
		if names := s.Variables(); len(names) > 0 {
			variable = "`" + names[0] + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, variable, preset, doc)
	}
	return b.String()
}

// WriteTable writes the value of every setting in the catalog and where it came from.
// Secrets are hidden.
func (g Given) WriteTable(out io.Writer, c Catalog) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SETTING\tVALUE\tFROM")
	for _, s := range c {
		v, ok := g.Values[s.Name]
		if !ok {
			v = Value{s.Default, "default"}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Show(v.Text), plaintext.Escape(v.Source))
	}
	return w.Flush()
}
