package report

import (
	"bufio"
	"io"
	"slices"
	"strings"
)

// Table writes the columns that fit, and on a terminal what the rows add up to.
func (v *View) Table(w io.Writer, s Screen) error {
	t := newTextTable(v.columns, v.size, s)
	t.fit(s.Width)

	return t.write(w, v.total)
}

// Wide writes every column in full, however long the lines get.
func (v *View) Wide(w io.Writer, s Screen) error {
	return newTextTable(v.wide, v.size, s).write(w, v.total)
}

// textTable is a table on its way to a screen.
type textTable struct {
	screen  Screen
	rows    int
	columns []*textColumn
}

// textColumn is a column with its text and its width.
type textColumn struct {
	column
	cells [][]string
	width int
}

func newTextTable(columns []column, rows int, s Screen) *textTable {
	t := &textTable{screen: s, rows: rows, columns: make([]*textColumn, len(columns))}
	for i, c := range columns {
		t.columns[i] = newTextColumn(c, rows, s.separator())
	}

	return t
}

func newTextColumn(c column, rows int, separator string) *textColumn {
	s := &textColumn{column: c, cells: make([][]string, rows), width: len(c.title)}
	for row := range rows {
		s.cells[row] = shown(c.cell(row))
		s.width = max(s.width, length(s.cells[row], separator))
	}

	return s
}

// shown escapes texts and has a dash for nothing at all.
func shown(texts []string) []string {
	all := make([]string, 0, len(texts))
	for _, t := range texts {
		if t != "" {
			all = append(all, ascii(t))
		}
	}
	if len(all) == 0 {
		return []string{"-"}
	}

	return all
}

// write writes titles, rows and total.
func (t *textTable) write(w io.Writer, total string) error {
	out := bufio.NewWriter(w)
	if !t.screen.NoHeader {
		t.line(out, func(s *textColumn) (string, colour) { return s.title, plain })
	}
	for row := range t.rows {
		t.line(out, func(s *textColumn) (string, colour) { return s.text(row, t.screen.separator()) })
	}
	if t.screen.Width > 0 && !t.screen.NoHeader {
		_, _ = out.WriteString("\n" + t.screen.wrapped(total, 0) + "\n") // what fails here, Flush says
	}

	return out.Flush()
}

// gap separates columns.
const gap = "  "

// line writes a line, without spaces at its end.
func (t *textTable) line(out *bufio.Writer, cell func(*textColumn) (string, colour)) {
	pending := ""
	for _, s := range t.columns {
		text, colour := cell(s)
		space := strings.Repeat(" ", max(0, s.width-columnsOf(text)))
		if s.number {
			pending, space = pending+space, ""
		}
		if text != "" {
			_, _ = out.WriteString(pending + t.screen.paint(text, colour)) // what fails here, Flush says
			pending = ""
		}
		pending += space + gap
	}
	_ = out.WriteByte('\n')
}

// text is a cell, shortened to the width, in its colour. A dash is no news.
func (s *textColumn) text(row int, separator string) (string, colour) {
	items := s.cells[row]
	if len(items) == 1 && items[0] == "-" {
		return "-", dim
	}
	colour := plain
	if s.colour != nil {
		colour = s.colour(row)
	}
	switch s.cut {
	case cutList:
		return someOf(items, separator, s.width), colour
	case cutDigits:
		return items[0][:min(len(items[0]), s.width)], colour
	case cutMiddle:
	}

	return middleOut(items[0], s.width), colour
}

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
