package object

import (
	_ "embed" // of the tables
	"strings"
)

// builtInTable has the types of Kubernetes itself. Its structure is generated.
//
//go:embed builtin.txt
var builtInTable string

// customTable has custom resources of which more is known to be harmless than of others.
//
//go:embed custom.txt
var customTable string

// marks are what follows the name of a field in a table and concerns its string alone.
var marks = map[string]class{"": keep, "#": sized, "?": link}

// objectMeta is the line of the metadata that all objects have.
const objectMeta = "meta.ObjectMeta"

// table is a table that is being read.
type table struct {
	structs     map[string]*rule // by the first word of their lines
	annotations *rule
	dropped     *rule
	other       *rule // of what is not in the table
}

// read returns the rules of the kinds of a table.
func (t *table) read(text string) map[string]*rule {
	kinds := map[string]*rule{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "kind":
			kinds[words[1]] = t.structure(words[2])
		default:
			fields := make(map[string]*rule, len(words)-1)
			for _, word := range words[1:] {
				name, sub := t.field(word)
				fields[name] = sub
			}
			t.structure(words[0]).fields = fields
		}
	}

	return kinds
}

// structure is the rule of a line, which may come later.
func (t *table) structure(name string) *rule {
	if t.structs[name] == nil {
		t.structs[name] = &rule{class: t.other.class, refs: t.other.refs, other: t.other}
	}
	return t.structs[name]
}

// field reads a word of a line: the name of a field, and what becomes of it.
func (t *table) field(word string) (string, *rule) {
	name, of, structure := strings.Cut(word, "=")
	plain := strings.TrimRight(name, "{}!#?@-")
	mark, isMap := strings.CutPrefix(name[len(plain):], "{}")
	switch {
	case structure && isMap:
		return plain, &rule{class: t.other.class, other: t.structure(of)}
	case structure:
		return plain, t.structure(of)
	case mark == "-":
		return plain, t.dropped
	case mark == "@":
		return plain, t.annotations
	case mark == "!":
		return plain, below(masked)
	case isMap:
		return plain, &rule{class: t.other.class, other: &rule{class: marks[mark], other: t.other}}
	default:
		return plain, &rule{class: marks[mark], other: t.other}
	}
}
