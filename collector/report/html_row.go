package report

import (
	"cmp"
	"strings"
)

// pageRow is one image.
type pageRow struct {
	*Line
	Host, Path string // the name in two parts, the first with the slash
	Hash       string // shortened
	First      []string
	More       int // how many namespaces there are besides the first
}

// fewNamespaces is how many of them a row shows. All are a click away.
const fewNamespaces = 2

func pageRows(lines []Line) []pageRow {
	rows := make([]pageRow, len(lines))
	for i := range lines {
		line := &lines[i]
		few := min(len(line.Namespaces), fewNamespaces)
		rows[i] = pageRow{
			Line: line, Path: line.shownName(), Hash: shortDigest(cmp.Or(line.Digest, line.ConfigID)),
			First: line.Namespaces[:few], More: len(line.Namespaces) - few,
		}
		if path, found := strings.CutPrefix(line.Name, line.Registry+"/"); found {
			rows[i].Host, rows[i].Path = line.Registry+"/", path
		}
	}

	return rows
}

// Remarks are the flags as the table shows them.
func (r pageRow) Remarks() []string { return r.remarks() }

// Tags are the flags as the script reads them, one on a line.
func (r pageRow) Tags() string { return strings.Join(words(r.Flags), "\n") }

// Used says in which places of pods the image is.
func (r pageRow) Used() string { return joined(words(r.Kinds)) }

// safeList is a list for a place that shows text: of one line each, or of one
// line for all.
func safeList(separator string, list []string) string {
	safe := make([]string, len(list))
	for i, item := range list {
		safe[i] = ascii(item)
	}

	return strings.Join(safe, separator)
}
