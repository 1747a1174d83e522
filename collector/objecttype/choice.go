package objecttype

import (
	"fmt"
	"slices"

	"stocktake/collector/kube"
)

// State is what becomes of a type.
type State string

// The states of a type.
const (
	Chosen      State = "chosen"      // it is read
	Absent      State = "absent"      // a name is not served
	Excluded    State = "excluded"    // it was reached and is not read, as the Reason says
	Unavailable State = "unavailable" // it was reached and cannot be read, as the Cause says
	Unselected  State = "unselected"  // no selector reaches it
)

// Choice is a type and what becomes of it. One that is unavailable as a part of a whole
// group has the plural "*". One that is absent has what its selector says of its names.
type Choice struct {
	kube.ObjectType
	State  State
	Reason string // for people, empty if it is chosen
	Cause  error  // of one that is unavailable
	named  bool   // with its group, so that its name is known without a cluster
	pinned bool   // to a version
}

// FullName is the name with the group: "pods", "deployments.apps".
func (c Choice) FullName() string { return full(c.Resource) }

// Choices are all types that a selection reaches, sorted by group and plural.
type Choices struct {
	Types    []Choice
	Others   []Choice // that are served and can be listed, and no selector reaches
	Warnings []string // of the settings, and of names that mean nothing here
}

// Resources are those that are chosen.
func (c Choices) Resources() (chosen []kube.Resource) {
	for _, one := range c.Types {
		if one.State == Chosen {
			chosen = append(chosen, one.Resource)
		}
	}
	return chosen
}

// key tells types apart, whatever their version.
func (c Choice) key() string {
	if c.Plural == "*" {
		return c.Plural + "." + c.Version + "." + c.Group
	}
	return c.Plural + "." + c.Group
}

func (s State) weight() int {
	return slices.Index([]State{Absent, Excluded, Unavailable, Chosen}, s)
}

func choiceOf(t kube.ObjectType, stale error) Choice {
	switch {
	case t.Invalid != nil:
		return unavailable(t, t.Invalid)
	case stale != nil:
		return unavailable(t, fmt.Errorf("a version before %s may serve it: %w", t.Version, stale))
	}
	return Choice{ObjectType: t, State: Chosen}
}

func unavailable(t kube.ObjectType, cause error) Choice {
	return Choice{ObjectType: t, State: Unavailable, Reason: cause.Error(), Cause: cause}
}

func absent(r kube.Resource, reason string) Choice {
	return Choice{ObjectType: kube.ObjectType{Resource: r}, State: Absent, Reason: reason}
}
