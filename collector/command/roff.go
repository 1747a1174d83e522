package command

import (
	"bytes"
	"fmt"
	"strings"
)

// roff is a page in the language of man(7), of which it uses what groff and
// mandoc both know.
type roff struct {
	bytes.Buffer
	begun bool // nothing stands below the last title yet
}

// title begins the page: its name, the day and the version that it is of. A name
// that is parted at the end of a line is not found any more: .nh and .ad l.
func (p *roff) title(name, day, version string) {
	fmt.Fprintf(p, ".TH \"%s\" \"1\" \"%s\" \"%s\" \"User Commands\"\n.nh\n.ad l\n", name, day, escape(version))
}

// macro writes a request with its arguments.
func (p *roff) macro(name string, args ...string) {
	fmt.Fprintf(p, ".%s", name)
	for _, arg := range args {
		fmt.Fprintf(p, ` "%s"`, strings.ReplaceAll(escape(arg), `"`, `\(dq`))
	}
	p.WriteByte('\n')
}

func (p *roff) section(title string) {
	p.macro("SH", title)
	p.begun = true
}

func (p *roff) subsection(title string) {
	p.macro("SS", title)
	p.begun = true
}

// paragraph begins one. The first below a title begins by itself.
func (p *roff) paragraph() {
	if !p.begun {
		p.macro("PP")
	}
	p.begun = false
}

// text writes lines to be filled.
func (p *roff) text(text string) {
	for _, line := range wrap(text, 72) {
		p.line(line)
	}
}

// line writes one line. It must not begin like a request.
func (p *roff) line(line string) {
	line = escape(line)
	if strings.HasPrefix(line, ".") {
		line = `\&` + line
	}
	p.WriteString(line + "\n")
}

func (p *roff) synopsis(program, rest string) {
	p.paragraph()
	fmt.Fprintf(p, "\\fB%s\\fR %s\n", escape(program), escape(rest))
}

// term writes what something is called, and what it means.
func (p *roff) term(label, text string) {
	p.macro("TP")
	fmt.Fprintf(p, "\\fB%s\\fR\n", escape(label))
	p.text(text)
}

// below writes one more thing about it, in a line of its own.
func (p *roff) below(text string) {
	if text != "" {
		p.macro("br")
		p.text(text)
	}
}

func (p *roff) terms(pairs [][2]string) {
	for _, pair := range pairs {
		p.term(pair[0], pair[1])
	}
}

// page writes text as the help has it: paragraphs, and indented lines that stay
// as they are.
func (p *roff) page(text string) {
	for paragraph := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		p.paragraph()
		if !strings.HasPrefix(paragraph, " ") {
			p.text(paragraph)
			continue
		}
		p.macro("EX")
		for line := range strings.SplitSeq(paragraph, "\n") {
			p.line(line)
		}
		p.macro("EE")
	}
}

// escape keeps characters what they are: a dash would become a hyphen, quotes
// would become typographic ones, and a backslash would begin a request.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch r {
		case '\\':
			b.WriteString(`\e`)
		case '-':
			b.WriteString(`\-`)
		case '\'':
			b.WriteString(`\(aq`)
		case '`':
			b.WriteString(`\(ga`)
		case '^':
			b.WriteString(`\(ha`)
		case '~':
			b.WriteString(`\(ti`)
		default:
			if r > '~' {
				fmt.Fprintf(&b, `\[u%04X]`, r)
				continue
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}
