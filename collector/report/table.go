package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/plaintext"
)

// Naming gives the name under which an image is reported, and whether it is
// reported at all: an image without a tag may be left out (missing-tag-policy).
// The table takes it from outside so that it never says another name than the
// delivered inventory.
type Naming func(image.Image) (name string, reported bool)

// Table is the table that Anchore's KAI prints, and looks like it because scripts
// and habits depend on that: three columns, two spaces apart, without borders, one
// line for each combination of name, digest and namespace. A replica more or less
// changes nothing in it; a digest more does, for then one tag runs as two images.
//
// Pods come namespace by namespace; the lines of a namespace count only after
// End, so that one which was read in part is never shown as if it were whole.
type Table struct {
	name    Naming
	pending map[row]struct{} // of the namespace that is being read
	rows    []row
}

// row is a line of the table.
type row struct {
	name, digest, namespace string
}

// NewTable returns an empty table.
func NewTable(name Naming) *Table {
	return &Table{name: name, pending: map[row]struct{}{}}
}

// Pod takes the images of a pod.
func (t *Table) Pod(pod *inventory.Pod) error {
	for _, container := range pod.Containers {
		name, reported := t.name(container.Image)
		if !reported {
			continue
		}
		t.pending[row{name, container.Image.Digest(), pod.Namespace}] = struct{}{}
	}

	return nil
}

// End closes a namespace: its lines are kept, or dropped if there is a gap.
func (t *Table) End(_ string, gap *inventory.Gap) error {
	if gap == nil {
		t.rows = slices.AppendSeq(t.rows, maps.Keys(t.pending))
	}
	clear(t.pending)

	return nil
}

// Write writes the lines sorted by name, then digest, then namespace, or "No
// Images found".
func (t *Table) Write(w io.Writer) error {
	if len(t.rows) == 0 {
		_, err := io.WriteString(w, "No Images found\n")

		return err
	}
	slices.SortFunc(t.rows, compareRows)
	buffered := bufio.NewWriter(w)
	columns := tabwriter.NewWriter(buffered, 0, 0, 2, ' ', 0)
	if err := writeRows(columns, t.rows); err != nil {
		return err
	}
	if err := columns.Flush(); err != nil {
		return err
	}

	return buffered.Flush()
}

func writeRows(w io.Writer, rows []row) error {
	if _, err := io.WriteString(w, "IMAGE TAG\tREPO DIGEST\tNAMESPACE\n"); err != nil {
		return err
	}
	for _, r := range rows {
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\n", plaintext.Line(r.name), plaintext.Line(r.digest), plaintext.Line(r.namespace))
		if err != nil {
			return err
		}
	}

	return nil
}

func compareRows(a, b row) int {
	return cmp.Or(
		strings.Compare(a.name, b.name),
		strings.Compare(a.digest, b.digest),
		strings.Compare(a.namespace, b.namespace),
	)
}
