package report

import "strings"

// Screen is what a table is written for. The zero Screen is a file or a pipe:
// everything in full, the same on every machine.
type Screen struct {
	Width    int  // columns of the terminal; 0: no terminal
	Colour   bool // whether it shows colours
	NoHeader bool // leave out the titles
}

// colour is a colour, as the parameter of the terminal's SGR (ECMA-48 §8.3.117).
type colour string

const (
	plain  colour = ""
	bold   colour = "1"
	dim    colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

// separator of lists: people read more easily with a space, programs without.
func (s Screen) separator() string {
	if s.Width > 0 {
		return ", "
	}

	return ","
}

// wrapped breaks text between words so that it fits the screen from a column on.
func (s Screen) wrapped(text string, from int) string {
	room := s.Width - from
	if s.Width == 0 || room < 20 {
		return text
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && columnsOf(line)+1+columnsOf(word) > room {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}

	return strings.Join(append(lines, line), "\n"+strings.Repeat(" ", from))
}

// paint colours text on a screen that shows colours.
func (s Screen) paint(text string, c colour) string {
	if !s.Colour || c == plain {
		return text
	}

	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
