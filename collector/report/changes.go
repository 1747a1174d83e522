package report

import (
	"fmt"
	"strings"

	"stocktake/collector/compare"
)

// OfChanges is a view of what became of images between two inventories, one row for
// each change. By namespace it begins with the one namespace of each.
func OfChanges(changes []compare.Change, byNamespace bool) *View {
	v := &View{
		size:   len(changes),
		object: func(row int) any { return &changes[row] },
		name:   func(row int) string { return changes[row].Image() },
		total:  changeTotal(changes),
	}
	where := list("NAMESPACES", func(i int) []string { return changes[i].Namespaces })
	if byNamespace {
		where.title = "NAMESPACE"
		v.columns = append([]column{where.shrinking(20, 10)}, changeColumns(changes, shortHash)...)
		v.wide = append([]column{where}, changeColumns(changes, whole)...)
		return v
	}
	v.columns = append(changeColumns(changes, shortHash), where.shrinking(22, 12))
	v.wide = append(changeColumns(changes, whole), where)

	return v
}

// changeColumns say what happened to what.
func changeColumns(changes []compare.Change, shown func(hash string) string) []column {
	hashes := func(of func(int) []string) func(int) []string {
		return func(row int) []string {
			all := make([]string, 0, 1)
			for _, each := range of(row) {
				all = append(all, shown(each))
			}

			return all
		}
	}

	return []column{
		text("CHANGE", func(i int) string { return string(changes[i].Kind) }).coloured(func(i int) colour { return changeColour(&changes[i]) }),
		text("IMAGE", func(i int) string { return changes[i].Image() }).shrinking(36, 18),
		list("OLD", hashes(func(i int) []string { return changes[i].Old })).shrinking(26, 15).onlyFrom(90),
		list("NEW", hashes(func(i int) []string { return changes[i].New })).shrinking(26, 15).onlyFrom(76),
	}
}

func whole(hash string) string { return hash }

// shortHash shortens digests; a config id keeps saying that it is none.
func shortHash(hash string) string {
	if kind, id, is := strings.Cut(hash, " "); is {
		return kind + " " + shortDigest(id)
	}

	return shortDigest(hash)
}

// changeColour marks the change that nobody sees in the tag, and what cannot be told.
func changeColour(c *compare.Change) colour {
	switch c.Kind {
	case compare.ReTagged:
		return red
	case compare.DigestUnknown:
		return yellow
	default:
		return plain
	}
}

// changeTotal counts the changes by their kind.
func changeTotal(changes []compare.Change) string {
	by := map[compare.Kind]int{}
	for i := range changes {
		by[changes[i].Kind]++
	}
	var words []string
	for _, kind := range compare.Kinds() {
		if n := by[kind]; n > 0 {
			words = append(words, fmt.Sprintf("%s %s", thousands(n), kind))
		}
	}

	return strings.Join(words, ", ")
}
