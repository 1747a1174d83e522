package collector

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"

	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// screen is what tables are written for: the terminal that stdout is, or a file.
func (r *run) screen(noHeader bool) report.Screen {
	vars := settings.Environment(r.inv.Environ)
	s := report.Screen{NoHeader: noHeader}
	if !isTerminal(r.inv.Stdout) {
		return s
	}
	s.Width = width(r.inv.Stdout, vars["COLUMNS"])
	s.Colour = vars["NO_COLOR"] == "" && vars["TERM"] != "dumb"
	return s
}

// usualWidth is that of a terminal which does not say.
const usualWidth = 80

// width of a terminal: what COLUMNS says, as for ls and ps, else what the
// terminal itself does.
func width(w io.Writer, columns string) int {
	if n, err := strconv.Atoi(columns); err == nil && n > 0 {
		return n
	}
	if f, ok := underneath(w).(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return usualWidth
}

// printed is where a body is printed in place of a delivery: in a pipe byte for byte,
// on a terminal with what this might obey in JSON's escaped form.
func printed(w io.Writer) io.Writer {
	if isTerminal(w) {
		return &report.TerminalJSON{Out: w}
	}
	return w
}
