package report

import (
	"fmt"
	"slices"
	"strings"
)

// ObjectType is a type of objects and what becomes of it.
type ObjectType struct {
	Type       string   `json:"type"` // with its group: deployments.apps
	State      string   `json:"state"`
	Reason     string   `json:"reason,omitempty"` // why it is not read
	Version    string   `json:"version,omitempty"`
	Kind       string   `json:"kind,omitempty"`
	ShortNames []string `json:"short_names,omitempty"`
	Namespaced bool     `json:"namespaced"`
	Level      string   `json:"level,omitempty"` // how much of its objects is sent
}

// OfObjectTypes is a view of types of objects, one row for each, in their order. Those of
// which objects are read have the state chosen, and have names.
func OfObjectTypes(all []ObjectType, chosen string) *View {
	name := text("TYPE", func(i int) string { return all[i].Type }).shrinking(44, 16)
	version := text("VERSION", func(i int) string { return all[i].Version })
	state := text("STATE", func(i int) string { return all[i].State }).coloured(func(i int) colour { return stateColour(all[i].State) })
	reason := list("REASON", func(i int) []string { return []string{all[i].Reason} })

	return &View{
		size:   len(all),
		object: func(row int) any { return &all[row] },
		name: func(row int) string {
			if all[row].State != chosen {
				return ""
			}
			return all[row].Type
		},
		columns: []column{name, state, version.onlyFrom(100), reason.shrinking(40, 12).onlyFrom(50)},
		wide: []column{
			name, state, version, text("KIND", func(i int) string { return all[i].Kind }),
			list("SHORT NAMES", func(i int) []string { return all[i].ShortNames }),
			text("NAMESPACED", func(i int) string { return map[bool]string{true: "yes", false: "no"}[all[i].Namespaced] }),
			text("LEVEL", func(i int) string { return all[i].Level }), reason,
		},
		total: count(len(all), "type") + ": " + countedStates(len(all), func(i int) string { return all[i].State }),
	}
}

// stateColour says how urgent the state of a type is: what may be missing is.
func stateColour(state string) colour {
	switch state {
	case "forbidden", "unavailable":
		return red
	case "absent":
		return yellow
	}

	return plain
}

// countedStates counts types by their state, in order of appearance.
func countedStates(n int, state func(row int) string) string {
	var order []string
	counts := map[string]int{}
	for i := range n {
		if counts[state(i)]++; !slices.Contains(order, state(i)) {
			order = append(order, state(i))
		}
	}
	for i, state := range order {
		order[i] = fmt.Sprintf("%s %s", thousands(counts[state]), state)
	}

	return strings.Join(order, ", ")
}
