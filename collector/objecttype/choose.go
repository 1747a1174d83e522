package objecttype

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stocktake/collector/kube"
	"stocktake/collector/settings"
)

// Choose decides on the types that a cluster serves. With namespaces that are read one by
// one, types without namespaces are excluded.
func (s Selection) Choose(found kube.Discovered, byNamespace bool) Choices {
	c := newChooser(found, s.aggregated)
	c.warnings = slices.Clone(s.Warnings)
	for _, one := range s.wanted {
		for _, choice := range c.reach(one) {
			c.keep(choice)
			c.warn(one, choice)
		}
	}
	for _, one := range s.removed {
		for _, choice := range c.reach(one) {
			if choice.State == Absent {
				c.warn(one, choice)
			}
			c.exclude(choice.key(), "removed by objects.remove-types")
		}
	}
	c.readOnce()
	if byNamespace {
		c.leaveOutClusterScoped()
	}
	return c.choices()
}

// chooser collects choices.
type chooser struct {
	finder
	kept     map[string]*Choice
	warnings []string
}

func newChooser(found kube.Discovered, aggregated bool) *chooser {
	return &chooser{finder: newFinder(found, aggregated), kept: map[string]*Choice{}}
}

// keep adds a choice. Where a type is reached twice, a pinned version counts, and else
// what leads to more being read.
func (c *chooser) keep(choice Choice) {
	before, again := c.kept[choice.key()]
	if !again || !before.pinned && choice.pinned || before.pinned == choice.pinned && choice.State.weight() > before.State.weight() {
		c.kept[choice.key()] = &choice
		return
	}
	if before.pinned && choice.pinned && before.Version != choice.Version {
		c.warnings = append(c.warnings, fmt.Sprintf("%s is pinned to two versions, and read in %s", choice.FullName(), before.Version))
	}
	before.named = before.named || choice.named
}

// warn adds what a person should know of a name.
func (c *chooser) warn(by selector, choice Choice) {
	switch {
	case by.form == defaultList:
	case choice.State == Absent:
		c.warnings = append(c.warnings, fmt.Sprintf("%s: %s: %s%s", by.setting, by.text, choice.Reason, c.advice(by)))
	case choice.State == Excluded && (by.form == byName || by.form == qualified):
		c.warnings = append(c.warnings, fmt.Sprintf("%s: %s: %s", by.setting, by.text, choice.Reason))
	}
}

// advice suggests the name that is served and looks most like one that is not.
func (c *chooser) advice(by selector) string {
	var names []string
	wanted := by.text
	for _, v := range c.all {
		if by.form == wholeGroup {
			wanted, names = by.rest, append(names, v.Group)
			continue
		}
		for _, t := range v.Types {
			if by.form == qualified {
				names = append(names, full(t.Resource))
			} else {
				names = append(append(names, t.Plural, t.Singular), t.ShortNames...)
			}
		}
	}
	nearest := settings.Nearest(wanted, names)
	switch {
	case nearest == "":
		return ""
	case by.form == wholeGroup:
		nearest = "*." + nearest
	}
	return ": did you mean " + nearest + "?"
}

// exclude takes a choice back.
func (c *chooser) exclude(key, reason string) {
	if choice := c.kept[key]; choice != nil {
		choice.State, choice.Reason, choice.Cause = Excluded, reason, nil
	}
}

// readOnce keeps one of two types that are the same objects.
func (c *chooser) readOnce() {
	for _, p := range pairs() {
		kept, other := c.kept[p.plural+"."+p.kept], c.kept[p.plural+"."+p.other]
		if kept != nil && other != nil && kept.State == Chosen && other.State == Chosen {
			c.exclude(other.key(), "the same objects as "+kept.FullName())
		}
	}
}

func (c *chooser) leaveOutClusterScoped() {
	for key, choice := range c.kept {
		known := choice.State == Chosen || choice.State == Unavailable && choice.Kind != ""
		if known && !choice.Namespaced {
			c.exclude(key, "it has no namespace, and only the namespaces are read that are named")
		}
	}
}

func (c *chooser) choices() Choices {
	all := Choices{Warnings: c.warnings}
	for _, choice := range c.kept {
		all.Types = append(all.Types, *choice)
	}
	for _, choice := range c.reach(selector{form: everything}) {
		if c.kept[choice.key()] == nil {
			choice.State, choice.Reason = Unselected, "no selector names it"
			all.Others = append(all.Others, choice)
		}
	}
	order := func(a, b Choice) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Plural, b.Plural), strings.Compare(a.Version, b.Version))
	}
	slices.SortFunc(all.Types, order)
	slices.SortFunc(all.Others, order)
	return all
}
