package settings

import (
	"fmt"
	"io"
	"text/tabwriter"

	"stocktake/collector/plaintext"
)

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
