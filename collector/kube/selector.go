package kube

import (
	"fmt"

	"k8s.io/apimachinery/pkg/labels"

	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

// Selector chooses pods by their labels, in the language of kubectl's -l. The
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

// All reports whether every pod is chosen.
func (s Selector) All() bool { return s.parsed == nil || s.parsed.Empty() }

// Matches reports whether a pod with these labels is chosen.
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
