package report

import (
	"slices"
	"strconv"
	"strings"

	"stocktake/collector/image"
)

// column is a column of a table: what it says, and how it gives way on a
// terminal too narrow for all of them.
type column struct {
	title  string
	cell   func(row int) []string
	number bool    // aligned to the right
	from   int     // width of the terminal below which it is left out; 0: never
	floors [2]int  // the width to which it is shortened at first, and at last; 0: never
	cut    cutting // how
	colour func(row int) colour
}

// cutting is how a text is shortened.
type cutting int

const (
	cutMiddle cutting = iota // keeps how it begins and, more of it, how it ends
	cutList                  // keeps the first few and counts the rest
	cutDigits                // keeps the first few of a number that is cut already
)

func text(title string, cell func(row int) string) column {
	return column{title: title, cell: func(row int) []string { return []string{cell(row)} }}
}

func number(title string, cell func(row int) int) column {
	c := text(title, func(row int) string { return strconv.Itoa(cell(row)) })
	c.number = true

	return c
}

// pods is a number that is not known of every inventory; a line always has pods
// where there are any.
func pods(title string, known, cell func(row int) int) column {
	c := text(title, func(row int) string {
		if known(row) == 0 {
			return ""
		}

		return strconv.Itoa(cell(row))
	})
	c.number = true

	return c
}

func digest(cell func(row int) string) column {
	c := text("DIGEST", cell).coloured(always(dim))
	c.cut = cutDigits

	return c
}

func list(title string, cell func(row int) []string) column {
	return column{title: title, cell: cell, cut: cutList}
}

// shrinking makes a column give way: at first to one width, at last to another.
func (c column) shrinking(first, last int) column {
	c.floors = [2]int{first, last}

	return c
}

// onlyFrom makes a column one for wider terminals.
func (c column) onlyFrom(width int) column {
	c.from = width

	return c
}

func (c column) coloured(colour func(row int) colour) column {
	c.colour = colour

	return c
}

// imageColumns are those of the table of images. What comes last is shortened
// first, because it can be told by its beginning: the list of namespaces.
func imageColumns(lines []Line) []column {
	podsOf := func(i int) int { return lines[i].Pods }

	return []column{
		text("IMAGE", func(i int) string { return lines[i].shownName() }).shrinking(36, 18),
		text("TAG", func(i int) string { return lines[i].Tag }).shrinking(14, 8),
		digest(func(i int) string { return shortDigest(lines[i].Digest) }).shrinking(12, 7).onlyFrom(80),
		pods("PODS", podsOf, podsOf),
		list("FLAGS", func(i int) []string { return lines[i].remarks() }).shrinking(24, 14).onlyFrom(50).coloured(func(i int) colour { return lines[i].colour() }),
		list("PLATFORMS", func(i int) []string { return lines[i].Platforms }).shrinking(24, 14).onlyFrom(116),
		list("NAMESPACES", func(i int) []string { return lines[i].Namespaces }).shrinking(22, 11).onlyFrom(70),
	}
}

// wideImageColumns leave nothing out but the names of workloads and nodes, which
// would make lines of thousands of characters.
func wideImageColumns(lines []Line) []column {
	podsOf := func(i int) int { return lines[i].Pods }

	return []column{
		text("IMAGE", func(i int) string { return lines[i].shownName() }),
		text("TAG", func(i int) string { return lines[i].Tag }),
		digest(func(i int) string { return lines[i].Digest }),
		pods("PODS", podsOf, podsOf),
		pods("RUNNING", podsOf, func(i int) int { return lines[i].Running }),
		number("CONTAINERS", func(i int) int { return lines[i].Containers }),
		pods("WORKLOADS", podsOf, func(i int) int { return len(lines[i].Workloads) }),
		pods("NODES", podsOf, func(i int) int { return len(lines[i].Nodes) }),
		list("FLAGS", func(i int) []string { return lines[i].remarks() }).coloured(func(i int) colour { return lines[i].colour() }),
		list("KINDS", func(i int) []string { return words(lines[i].Kinds) }),
		list("PLATFORMS", func(i int) []string { return lines[i].Platforms }),
		list("NAMESPACES", func(i int) []string { return lines[i].Namespaces }),
	}
}

// colour says how urgent the remarks on an image are.
func (l *Line) colour() colour {
	if l.Has(Invalid) {
		return red
	}

	return yellow
}

func always(i colour) func(int) colour { return func(int) colour { return i } }

// groupColumns are those of a table of groups: what the group is called and what
// it is counted by. Workloads have few images, which are named.
func groupColumns(by Grouping, groups []Group, wide bool) []column {
	podsOf := func(i int) int { return groups[i].Pods }
	images := number("IMAGES", func(i int) int { return len(groups[i].Images) })
	noDigest := number("NO DIGEST", func(i int) int { return groups[i].WithoutDigest })
	references := list("REFERENCES", func(i int) []string { return groups[i].Images })
	switch {
	case wide:
		return append(groupNames(by, groups), images, pods("PODS", podsOf, podsOf),
			pods("RUNNING", podsOf, func(i int) int { return groups[i].Running }),
			number("CONTAINERS", func(i int) int { return groups[i].Containers }), noDigest, references)
	case by == ByWorkload:
		references.cell = func(i int) []string { return undigested(groups[i].Images) }

		return append(groupNames(by, groups), pods("PODS", podsOf, podsOf), noDigest.onlyFrom(100), references.shrinking(50, 20).onlyFrom(56))
	}

	return append(groupNames(by, groups), images, pods("PODS", podsOf, podsOf),
		number("CONTAINERS", func(i int) int { return groups[i].Containers }).onlyFrom(70), noDigest.onlyFrom(60))
}

func groupNames(by Grouping, groups []Group) []column {
	name := func(i int) string { return groups[i].Name }
	switch by {
	case ByWorkload:
		return []column{
			text("NAMESPACE", func(i int) string { return groups[i].Namespace }).shrinking(20, 10),
			text("WORKLOAD", name).shrinking(30, 14),
		}
	case ByNode:
		return []column{
			text("NODE", name).shrinking(40, 22),
			text("PLATFORM", func(i int) string { return groups[i].Platform }).shrinking(20, 11).onlyFrom(64),
		}
	case ByRegistry:
		return []column{text("REGISTRY", name).shrinking(40, 22)}
	case ByNamespace:
	}

	return []column{text("NAMESPACE", name).shrinking(40, 22)}
}

// undigested are references as far as a person reads them, each once. What is no
// reference stays as it was written: cut, it would look like one.
func undigested(references []string) []string {
	all := make([]string, len(references))
	for i, reference := range references {
		all[i] = reference
		if _, err := image.Parse(reference); err == nil {
			all[i], _, _ = strings.Cut(reference, "@")
		}
	}
	slices.Sort(all)

	return slices.Compact(all)
}

// seenColumns are those of lines that tell when an image was seen.
func seenColumns(lines []Line, at func(Instant) string) []column {
	if len(lines) == 0 || lines[0].SeenSpan == nil {
		return nil
	}

	return []column{
		text("FIRST", func(i int) string { return at(lines[i].First) }),
		text("LAST", func(i int) string { return at(lines[i].Last) }),
	}
}
