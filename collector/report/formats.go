package report

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"stocktake/collector/plaintext"
)

// JSON writes an array of all rows, one on a line.
func (v *View) JSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("[") // what fails here, Flush says
	for row := range v.size {
		between := ",\n"
		if row == 0 {
			between = "\n"
		}
		_, _ = out.WriteString(between)
		if err := v.writeObject(out, row); err != nil {
			return err
		}
	}
	_, _ = out.WriteString("\n]\n")

	return out.Flush()
}

// NDJSON writes each row as an object on a line of its own.
func (v *View) NDJSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	for row := range v.size {
		if err := v.writeObject(out, row); err != nil {
			return err
		}
		_ = out.WriteByte('\n')
	}

	return out.Flush()
}

func (v *View) writeObject(out *bufio.Writer, row int) error {
	b, err := json.Marshal(v.object(row))
	if err != nil {
		return err
	}
	writeJSON(out, b)

	return nil
}

// Names writes what each row is called, sorted and each once.
func (v *View) Names(w io.Writer) error {
	all := make([]string, 0, v.size)
	for row := range v.size {
		if name := v.name(row); name != "" {
			all = append(all, plaintext.Line(name))
		}
	}
	slices.Sort(all)
	out := bufio.NewWriter(w)
	for _, name := range slices.Compact(all) {
		_, _ = out.WriteString(name + "\n")
	}

	return out.Flush()
}

// CSV writes a title and a line for each row (RFC 4180). Lists are joined by
// commas. Spreadsheets take text that begins like a formula for one, so such
// text is given an apostrophe (OWASP, CSV injection).
func (v *View) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	cells := make([]string, len(v.record))
	for i, f := range v.record {
		cells[i] = f.title
	}
	if err := out.Write(cells); err != nil {
		return err
	}
	for row := range v.size {
		for i, f := range v.record {
			cells[i] = harmless(f.text(row))
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()

	return out.Error()
}

// harmless is a text that no spreadsheet computes and no terminal obeys.
func harmless(s string) string {
	s = plaintext.Line(s)
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}

	return s
}

// NDJSONLine writes a value as an object on a line of its own.
func NDJSONLine(w io.Writer, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	writeJSON(out, b)
	_ = out.WriteByte('\n') // what fails here, Flush says

	return out.Flush()
}
