package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// View is a list of images, or of groups of them, ready to be written in any
// form. It holds no text of its own: rows are asked for as they are written.
type View struct {
	size    int
	object  func(row int) any // as JSON shows it
	name    func(row int) string
	record  []field  // as CSV shows it
	columns []column // of the table
	wide    []column // of the wide table
	total   string
}

// field is a column of CSV. Its title is that of the field in JSON.
type field struct {
	title string
	text  func(row int) string
}

// Len is the number of rows.
func (v *View) Len() int { return v.size }

// OfImages is a view of the images that the filter shows, one row for each.
func (s *Stock) OfImages(f Filter, by Order) *View {
	lines := s.Images(f)
	sortImages(lines, by)
	without := 0
	for i := range lines {
		if lines[i].Digest == "" || lines[i].Has(LocalImport) {
			without++
		}
	}

	return &View{
		size:    len(lines),
		object:  func(row int) any { return &lines[row] },
		name:    func(row int) string { return lines[row].Reference },
		record:  imageRecord(lines),
		columns: imageColumns(lines),
		wide:    wideImageColumns(lines),
		total:   fmt.Sprintf("%s, %s, %s without digest", count(len(lines), "image"), count(s.podsWith(f), "pod"), thousands(without)),
	}
}

// OfGroups is a view of the groups that use images which the filter shows, one
// row for each.
func (s *Stock) OfGroups(g Grouping, f Filter, by Order) *View {
	groups := s.By(g, f)
	sortGroups(groups, by)

	return &View{
		size:    len(groups),
		object:  func(row int) any { return &groups[row] },
		name:    func(row int) string { return groups[row].fullName() },
		record:  groupRecord(groups),
		columns: groupColumns(g, groups, false),
		wide:    groupColumns(g, groups, true),
		total:   fmt.Sprintf("%s, %s", count(len(groups), string(g)), count(s.podsWith(f), "pod")),
	}
}

// fullName is unique among the groups of a view.
func (g *Group) fullName() string {
	if g.Namespace == "" {
		return g.Name
	}

	return g.Namespace + "/" + g.Name
}

// count is a number and what is counted.
func count(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "y"):
		return thousands(n) + " " + strings.TrimSuffix(one, "y") + "ies"
	}

	return thousands(n) + " " + one + "s"
}

// thousands writes a number as people read it: 1,893.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}

	return digits
}

// words are the texts of a list.
func words[T ~string](list []T) []string {
	all := make([]string, len(list))
	for i, item := range list {
		all[i] = string(item)
	}

	return all
}

// remarks are the flags as tables show them. One that another implies is left
// out there: an image of which only the config id is known has no digest.
func (l *Line) remarks() []string {
	flags := l.Flags
	if l.Has(ConfigIDOnly) {
		flags = slices.DeleteFunc(slices.Clone(flags), func(f Flag) bool { return f == NoDigest })
	}

	return words(flags)
}

// shortDigits is how much of a digest tells images apart at a glance, as docker
// and git shorten theirs.
const shortDigits = 12

func shortDigest(digest string) string {
	_, hex, _ := strings.Cut(digest, ":")

	return hex[:min(len(hex), shortDigits)]
}
