package workload

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/settings"
)

// SelectOptions say which namespaces a run is about.
type SelectOptions struct {
	Include []string `setting:"namespace-selectors.include" holds:"namespaces" envSeparator:"\n" doc:"namespaces to report: names, globs or /regular expressions/; empty: all. When all are names, only these are listed and no right beyond them is needed"`
	Exclude []string `setting:"namespace-selectors.exclude" holds:"namespaces" envSeparator:"\n" doc:"namespaces to leave out: names; an entry that is no name is a regular expression that matches anywhere"`
	Legacy  []string `setting:"namespaces" envSeparator:"\n" doc:"KAI's older name of namespace-selectors.include, used when that is empty; all means all"`
}

// Selection decides which namespaces are read.
type Selection struct {
	Include, Exclude settings.Patterns
}

// Selection compiles the entries, so that a bad one is found before anything is
// asked of the cluster.
func (o SelectOptions) Selection() (Selection, error) {
	name, entries := "namespace-selectors.include", o.Include
	if len(entries) == 0 && !slices.Contains(o.Legacy, "all") {
		name, entries = "namespaces", o.Legacy
	}
	include, err := settings.ReadPatterns(name, entries, settings.IncludedNamespace)
	exclude, err2 := settings.ReadPatterns("namespace-selectors.exclude", o.Exclude, settings.ExcludedNamespace)
	return Selection{include, exclude}, errors.Join(err, err2)
}

// All reports whether nothing is left out.
func (s Selection) All() bool { return len(s.Include)+len(s.Exclude) == 0 }

// String says in one text what is selected, the same for the same entries in any order.
func (s Selection) String() string {
	return "include=" + texts(s.Include) + " exclude=" + texts(s.Exclude)
}

// texts are the entries, each once, in an order of their own.
func texts(entries settings.Patterns) string {
	all := make([]string, len(entries))
	for i, entry := range entries {
		all[i] = strconv.Quote(entry.Text)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// Match reports whether a namespace is selected.
func (s Selection) Match(namespace string) bool {
	return (len(s.Include) == 0 || s.Include.Match(namespace)) && !s.Exclude.Match(namespace)
}

// Named returns the namespaces to list when all included ones are given by name;
// otherwise the whole cluster is listed and filtered.
func (s Selection) Named() (names []string, only bool) {
	if len(s.Include) == 0 || !s.Include.Names() {
		return nil, false
	}
	for _, p := range s.Include {
		if s.Match(p.Text) && !slices.Contains(names, p.Text) {
			names = append(names, p.Text)
		}
	}
	return names, true
}

// Of returns the namespaces that are selected.
func (s Selection) Of(all []inventory.Namespace) []inventory.Namespace {
	return slices.DeleteFunc(all, func(ns inventory.Namespace) bool { return !s.Match(ns.Name) })
}

// Gaps returns those that concern what is selected.
func (s Selection) Gaps(all []inventory.Gap) []inventory.Gap {
	return slices.DeleteFunc(all, func(gap inventory.Gap) bool { return gap.Namespace != "" && !s.Match(gap.Namespace) })
}

// Scope is what is read of the namespaces that are selected: those that are named one by
// one, all others out of the whole cluster.
func (s Selection) Scope() kube.Scope {
	names, only := s.Named()
	return kube.Scope{ByName: only, Namespaces: names, Matters: s.Match}
}
