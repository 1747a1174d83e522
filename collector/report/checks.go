package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"stocktake/collector/plaintext"
)

// Verdict is the outcome of a check.
type Verdict string

// The verdicts. Only a failed check is a reason for a run to fail.
const (
	Passed    Verdict = "ok"
	Warned    Verdict = "warn"
	Failed    Verdict = "fail"
	Unchecked Verdict = "not checked"
)

// Check is one thing that was looked at.
type Check struct {
	Area    string  `json:"area"` // what it belongs to: "settings", "API server https://…"
	Verdict Verdict `json:"verdict"`
	Says    string  `json:"says"`
	Advice  string  `json:"advice,omitempty"` // the way out, if there is one to go
}

// Checks shows checks as they become known, below a line for each area.
type Checks struct {
	out    io.Writer
	screen Screen
	area   string
	all    []Check
}

// NewChecks shows checks on a screen. With a nil writer they are only kept.
func NewChecks(out io.Writer, screen Screen) *Checks { return &Checks{out: out, screen: screen} }

// Add shows a check. What it says may come from strangers.
func (c *Checks) Add(check Check) error {
	check.Says, check.Advice = plaintext.Line(check.Says), plaintext.Line(check.Advice)
	c.all = append(c.all, check)
	if c.out == nil {
		return nil
	}
	var text strings.Builder
	if check.Area != c.area {
		if c.area != "" {
			text.WriteByte('\n')
		}
		c.area = check.Area
		text.WriteString(c.screen.paint(plaintext.Line(c.area), bold) + "\n")
	}
	word, colour := check.Verdict.shown()
	says := check.Says
	if check.Verdict == Unchecked {
		says = string(Unchecked) + ": " + says
	}
	text.WriteString("  " + c.screen.paint(word, colour) + strings.Repeat(" ", indent-2-len(word)))
	text.WriteString(c.screen.wrapped(says, indent) + "\n")
	if check.Advice != "" {
		text.WriteString(strings.Repeat(" ", indent) + "→ " + c.screen.wrapped(check.Advice, indent+2) + "\n")
	}
	_, err := io.WriteString(c.out, text.String())

	return err
}

// indent is where the words of a check begin.
const indent = 8

// shown is the word for a verdict in front of a check, and its colour.
func (v Verdict) shown() (string, colour) {
	switch v {
	case Warned:
		return string(v), yellow
	case Failed:
		return string(v), red
	case Unchecked:
		return "-", dim
	case Passed:
	}

	return string(v), green
}

// Conclude writes the last line: what follows from it all.
func (c *Checks) Conclude(verdict Verdict, says string) error {
	_, colour := verdict.shown()
	_, err := fmt.Fprintf(c.out, "\n%s\n", c.screen.paint(c.screen.wrapped(plaintext.Line(says), 0), colour))

	return err
}

// JSON writes all checks as one object, with what follows from them.
func (c *Checks) JSON(w io.Writer, exitCode int, reason string) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)

	return enc.Encode(struct {
		Checks   []Check `json:"checks"`
		ExitCode int     `json:"exit_code"`
		Reason   string  `json:"reason"`
	}{c.all, exitCode, plaintext.Line(reason)})
}
