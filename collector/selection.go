package collector

import (
	"errors"
	"slices"

	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

// SelectOptions say which namespaces a run is about.
type SelectOptions struct {
	Include []string `setting:"namespace-selectors.include" envSeparator:"\n" doc:"namespaces to report: names, globs or /regular expressions/; empty: all. When all are names, only these are listed and no right beyond them is needed"`
	Exclude []string `setting:"namespace-selectors.exclude" envSeparator:"\n" doc:"namespaces to leave out: names; an entry that is no name is a regular expression that matches anywhere"`
	Legacy  []string `setting:"namespaces" envSeparator:"\n" doc:"KAI's older name of namespace-selectors.include, used when that is empty; all means all"`
}

// selection decides which namespaces are reported.
type selection struct {
	include, exclude settings.Patterns
}

// selection compiles the entries, so that a bad one is found before anything is
// asked of the cluster.
func (o SelectOptions) selection() (selection, error) {
	name, entries := "namespace-selectors.include", o.Include
	if len(entries) == 0 && !slices.Contains(o.Legacy, "all") {
		name, entries = "namespaces", o.Legacy
	}
	include, err := settings.ReadPatterns(name, entries, settings.IncludedNamespace)
	exclude, err2 := settings.ReadPatterns("namespace-selectors.exclude", o.Exclude, settings.ExcludedNamespace)
	return selection{include, exclude}, errors.Join(err, err2)
}

// all reports whether nothing is left out.
func (s selection) all() bool { return len(s.include)+len(s.exclude) == 0 }

// match reports whether a namespace is selected.
func (s selection) match(namespace string) bool {
	return (len(s.include) == 0 || s.include.Match(namespace)) && !s.exclude.Match(namespace)
}

// named returns the namespaces to list when all included ones are given by name;
// otherwise the whole cluster is listed and filtered.
func (s selection) named() ([]string, bool) {
	if len(s.include) == 0 || !s.include.Names() {
		return nil, false
	}
	var names []string
	for _, p := range s.include {
		if s.match(p.Text) && !slices.Contains(names, p.Text) {
			names = append(names, p.Text)
		}
	}
	return names, true
}

// of returns the namespaces that are selected.
func (s selection) of(all []inventory.Namespace) []inventory.Namespace {
	return slices.DeleteFunc(all, func(ns inventory.Namespace) bool { return !s.match(ns.Name) })
}

// gaps returns those that concern what is selected.
func (s selection) gaps(all []inventory.Gap) []inventory.Gap {
	return slices.DeleteFunc(all, func(gap inventory.Gap) bool { return gap.Namespace != "" && !s.match(gap.Namespace) })
}
