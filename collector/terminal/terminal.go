// Package terminal knows what a stream is to a person: whether it is a terminal, and
// how wide that is. And it writes to streams that nobody may be reading any more.
package terminal

import (
	"io"
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

// Is reports whether a reader or a writer is a terminal.
func Is(stream any) bool {
	if w, ok := stream.(io.Writer); ok {
		stream = underneath(w)
	}
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// usualWidth is that of a terminal which does not say.
const usualWidth = 80

// Width returns the columns of a terminal: what COLUMNS says, as for ls and ps, else
// what the terminal itself does.
func Width(w io.Writer, columns string) int {
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
