package report

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

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

// writeJSON escapes whatever is not ASCII: characters that a terminal obeys are
// allowed in JSON, U+009B among them.
func writeJSON(out *bufio.Writer, b []byte) {
	for _, r := range string(b) {
		switch {
		case r < 0x7f:
			_, _ = out.WriteRune(r) // what fails here, Flush says
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(out, `\u%04x`, r)
		}
	}
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

func imageRecord(lines []Line) []field {
	return []field{
		{"reference", func(i int) string { return lines[i].Reference }},
		{"name", func(i int) string { return lines[i].Name }},
		{"registry", func(i int) string { return lines[i].Registry }},
		{"tag", func(i int) string { return lines[i].Tag }},
		{"digest", func(i int) string { return lines[i].Digest }},
		{"config_id", func(i int) string { return lines[i].ConfigID }},
		{"flags", func(i int) string { return joined(words(lines[i].Flags)) }},
		{"pods", func(i int) string { return strconv.Itoa(lines[i].Pods) }},
		{"running", func(i int) string { return strconv.Itoa(lines[i].Running) }},
		{"containers", func(i int) string { return strconv.Itoa(lines[i].Containers) }},
		{"namespaces", func(i int) string { return joined(lines[i].Namespaces) }},
		{"workloads", func(i int) string { return joined(lines[i].Workloads) }},
		{"nodes", func(i int) string { return joined(lines[i].Nodes) }},
		{"platforms", func(i int) string { return joined(lines[i].Platforms) }},
		{"kinds", func(i int) string { return joined(words(lines[i].Kinds)) }},
		{"digest_repository", func(i int) string { return lines[i].DigestRepository }},
	}
}

func groupRecord(groups []Group) []field {
	return []field{
		{"name", func(i int) string { return groups[i].Name }},
		{"namespace", func(i int) string { return groups[i].Namespace }},
		{"platform", func(i int) string { return groups[i].Platform }},
		{"pods", func(i int) string { return strconv.Itoa(groups[i].Pods) }},
		{"running", func(i int) string { return strconv.Itoa(groups[i].Running) }},
		{"containers", func(i int) string { return strconv.Itoa(groups[i].Containers) }},
		{"without_digest", func(i int) string { return strconv.Itoa(groups[i].WithoutDigest) }},
		{"images", func(i int) string { return joined(groups[i].Images) }},
	}
}

func joined(list []string) string { return strings.Join(list, ", ") }
