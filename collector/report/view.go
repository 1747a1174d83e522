package report

import (
	"fmt"
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
		record:  append(imageRecord(lines), seenRecord(lines)...),
		columns: append(imageColumns(lines), seenColumns(lines, Instant.shown)...),
		wide:    append(wideImageColumns(lines), seenColumns(lines, Instant.whole)...),
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
