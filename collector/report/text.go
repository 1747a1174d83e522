package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

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

// shortDigits is how much of a digest tells images apart at a glance, as docker
// and git shorten theirs.
const shortDigits = 12

func shortDigest(digest string) string {
	_, hex, _ := strings.Cut(digest, ":")

	return hex[:min(len(hex), shortDigits)]
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

func joined(list []string) string { return strings.Join(list, ", ") }
