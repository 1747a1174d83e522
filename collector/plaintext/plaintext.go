// Package plaintext makes text of strangers safe to show. The words of a server, the
// name of a file and the value of a setting can hold characters that a terminal obeys
// (colours, the title of the window, what is typed next) or that change the direction
// of writing, so that a reader sees something other than what is there.
//
// It imports nothing of ours and says nothing about clusters, so that every package
// that shows or logs such text can use it: there is one such rule, and this is it.
package plaintext

import (
	"strconv"
	"strings"
	"unicode"
)

// Escape writes every character that is not printable in Go's escaped form: control
// and direction characters. Line ends stay as they are.
func Escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
