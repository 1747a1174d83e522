package report

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fit makes the table as narrow as a terminal, if there is one. As long as it is
// too wide it leaves out what is only for wider ones, and then shortens columns in
// two rounds, the last of them first: to what reads well, and to what must do.
func (t *textTable) fit(width int) {
	if width <= 0 {
		return
	}
	for t.width() > width && t.leave(width) {
	}
	over := t.width() - width
	for round := range len(column{}.floors) {
		for _, s := range slices.Backward(t.columns) {
			less := max(0, min(over, s.width-s.shortest(round)))
			s.width -= less
			over -= less
		}
	}
}

// leave takes out the column that asks for the widest terminal, if this one is
// narrower.
func (t *textTable) leave(width int) bool {
	widest := slices.MaxFunc(t.columns, func(a, b *textColumn) int { return a.from - b.from })
	if widest.from <= width {
		return false
	}
	t.columns = slices.DeleteFunc(t.columns, func(s *textColumn) bool { return s == widest })

	return true
}

// width is that of all columns and of what is between them.
func (t *textTable) width() int {
	all := len(gap) * (len(t.columns) - 1)
	for _, s := range t.columns {
		all += s.width
	}

	return all
}

// shortest is the width below which a column is not shortened in a round.
func (s *textColumn) shortest(round int) int {
	if s.floors[round] == 0 {
		return s.width
	}

	return min(s.width, max(s.floors[round], len(s.title)))
}

// ellipsis stands for what was cut.
const ellipsis = "…"

// columnsOf is how many columns of the terminal a text takes: it is ASCII but for
// the ellipsis.
func columnsOf(text string) int { return utf8.RuneCountInString(text) }

// length is that of the whole list.
func length(items []string, separator string) int {
	sum := len(separator) * (len(items) - 1)
	for _, item := range items {
		sum += len(item)
	}

	return sum
}

// someOf writes as many items as fit and counts the rest: "shop, web +3".
func someOf(items []string, separator string, width int) string {
	if length(items, separator) <= width {
		return strings.Join(items, separator)
	}
	for n := len(items) - 1; n > 0; n-- {
		rest := " +" + strconv.Itoa(len(items)-n)
		if length(items[:n], separator)+len(rest) <= width {
			return strings.Join(items[:n], separator) + rest
		}
	}
	rest := ""
	if len(items) > 1 {
		rest = " +" + strconv.Itoa(len(items)-1)
	}

	return one(items[0], width-len(rest)) + rest
}

// one is an item of a list: a path, or words that are known by their beginning.
func one(item string, width int) string {
	if len(item) <= width || strings.Contains(item, "/") {
		return middleOut(item, width)
	}

	return item[:max(0, width-1)] + ellipsis
}

// middleOut cuts the middle out of a name, because its end tells the most. Of a
// path the whole of the last part is kept, if it fits.
func middleOut(name string, width int) string {
	if len(name) <= width {
		return name
	}
	tail := max(0, width-1) * 2 / 3
	if last := len(name) - strings.LastIndexByte(name, '/'); last < width {
		tail = last
	}

	return name[:max(0, width-1-tail)] + ellipsis + name[len(name)-tail:]
}

// ascii returns s with everything but printable ASCII in Go's escaped form. All
// names in a cluster and all valid references are ASCII; anything else is made
// to look like them, or to move the cursor.
func ascii(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return s
	}
	quoted := strconv.QuoteToASCII(s)

	return quoted[1 : len(quoted)-1]
}
