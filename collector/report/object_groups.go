package report

import (
	"fmt"
	"strconv"
	"strings"
)

// ObjectGroup is what some whole objects have in common: a type, a namespace, or the owner at
// the end of the chain.
type ObjectGroup struct {
	Name        string
	Namespace   string // of an owner
	Objects     int
	Namespaces  int    // that they are in
	Types       int    // that they are of
	State       string // of a type, or of the chain of owners
	Version     string
	Level       string
	Masked      int // strings
	Consistency string
}

// ObjectTotal is what all groups come to.
type ObjectTotal struct {
	Objects, Types, Namespaces int
	Masked                     int      // strings; less than 0: not known
	States                     []string // of types of which there is nothing for a reason
}

// OfObjects is a view of groups of whole objects, one row for each, in their order. They are
// types, or else what the title says.
func OfObjects(title string, groups []ObjectGroup, total ObjectTotal) *View {
	v := &View{size: len(groups), name: func(row int) string { return groups[row].Name }, total: total.String()}
	v.columns = objectColumns(title, groups)
	v.wide = v.columns
	if title == ObjectTypes {
		masked := text("MASKED", func(i int) string { return strconv.Itoa(groups[i].Masked) })
		if masked.number = true; total.Masked < 0 {
			masked.cell = func(int) []string { return nil }
		}
		v.wide = append(v.wide, text("LEVEL", func(i int) string { return groups[i].Level }), masked,
			text("VERSION", func(i int) string { return groups[i].Version }),
			text("CONSISTENCY", func(i int) string { return groups[i].Consistency }))
	}

	return v
}

// The titles of groups.
const (
	ObjectTypes      = "TYPE"
	ObjectNamespaces = "NAMESPACE"
	ObjectOwners     = "OWNER"
)

func objectColumns(title string, groups []ObjectGroup) []column {
	name := text(title, func(i int) string { return groups[i].Name }).shrinking(44, 16)
	objects := number("OBJECTS", func(i int) int { return groups[i].Objects })
	types := number("TYPES", func(i int) int { return groups[i].Types }).onlyFrom(50)
	state := text("STATE", func(i int) string { return groups[i].State }).coloured(func(i int) colour { return stateColour(groups[i].State) })
	switch title {
	case ObjectNamespaces:
		return []column{name, objects, types}
	case ObjectOwners:
		return []column{text("NAMESPACE", func(i int) string { return groups[i].Namespace }).shrinking(20, 10), name, objects, types, state.onlyFrom(60)}
	}

	return []column{name, objects, number("NAMESPACES", func(i int) int { return groups[i].Namespaces }).onlyFrom(60), state}
}

// String is the last line of a table.
func (t ObjectTotal) String() string {
	s := fmt.Sprintf("%s of %s in %s", count(t.Objects, "object"), count(t.Types, "type"), count(t.Namespaces, "namespace"))
	if t.Masked >= 0 {
		s += ", " + count(t.Masked, "string") + " masked"
	}
	if len(t.States) > 0 {
		s += "; types: " + countedStates(len(t.States), func(i int) string { return t.States[i] })
	}

	return strings.TrimSpace(s)
}
