package kube

import (
	"fmt"

	"k8s.io/apimachinery/pkg/labels"

	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

// Scope says which objects are read.
type Scope struct {
	// ByName reads the objects of each of the Namespaces, in their order, with a listing
	// for each, so that no right beyond these is needed. Else one listing has the
	// objects of all namespaces.
	ByName     bool
	Namespaces []string
	// Labels, unless it is the zero Selector, restricts what is read. The
	// API server evaluates it, so that the others are never sent.
	Labels Selector
	// Fields, unless it is empty, restricts it by a field selector.
	Fields string
	// Matters, when set, says of a namespace whether its objects matter. The others are
	// listed with all, and nothing more is asked about them.
	Matters func(namespace string) bool
	// InTurn asks for one page, and for one namespace, after the other: for those who read
	// several resources at a time.
	InTurn bool
}

func (s Scope) matters(namespace string) bool { return s.Matters == nil || s.Matters(namespace) }

// Selector chooses objects by their labels, in the language of kubectl's -l. The
// zero Selector chooses all.
type Selector struct{ parsed labels.Selector }

// ParseSelector reads a selector such as "app=web,tier in (front, back)". Its
// error is one of the settings.
func ParseSelector(text string) (Selector, error) {
	if text == "" {
		return Selector{}, nil
	}
	parsed, err := labels.Parse(text)
	if err != nil {
		return Selector{}, fmt.Errorf("%w: label selector %q: %w", settings.ErrInvalid, text, err)
	}
	return Selector{parsed}, nil
}

// All reports whether every object is chosen.
func (s Selector) All() bool { return s.parsed == nil || s.parsed.Empty() }

// Matches reports whether an object with these labels is chosen.
func (s Selector) Matches(of []inventory.Label) bool {
	if s.All() {
		return true
	}
	set := make(labels.Set, len(of))
	for _, label := range of {
		set[label.Key] = label.Value
	}
	return s.parsed.Matches(set)
}

// String is the selector as the API server takes it.
func (s Selector) String() string {
	if s.All() {
		return ""
	}
	return s.parsed.String()
}
