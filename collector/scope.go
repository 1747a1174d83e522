package collector

import (
	"context"
	"errors"
	"slices"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/settings"
	"stocktake/collector/workload"
)

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

// gaps returns those that concern what is selected.
func (s Selection) gaps(all []inventory.Gap) []inventory.Gap {
	return slices.DeleteFunc(all, func(gap inventory.Gap) bool { return gap.Namespace != "" && !s.Match(gap.Namespace) })
}

// scope says what is read of a cluster, and what a reading may do without.
type scope struct {
	Selection  Selection
	incomplete bool          // what cannot be read is a gap; else it is an error
	empty      bool          // nothing may be there
	pods       kube.Selector // of them, by their labels
	// forPeople says that a person looks: what a right is missing for is left out, where
	// that is said. A delivery does without nothing: a receiver could not tell that from
	// a cluster without nodes.
	forPeople bool
}

// allow returns the cause of the first gap, unless incomplete results are allowed.
func (s scope) allow(gaps []inventory.Gap) error {
	if len(gaps) == 0 || s.incomplete {
		return nil
	}
	return gaps[0].Cause
}

// asGap turns an error of reading into a gap where incomplete results are allowed. A
// context that ended is returned as it is, never recorded as a gap.
func (s scope) asGap(ctx context.Context, source string, err error) ([]inventory.Gap, error) {
	if err == nil || !s.incomplete || ctx.Err() != nil {
		return nil, err
	}
	if !errors.Is(err, kube.ErrRefused) && !errors.Is(err, kube.ErrUnavailable) {
		return nil, err
	}
	return []inventory.Gap{{Source: source, Reason: err.Error(), Cause: err}}, nil
}

// Scope is what is read of the namespaces that are selected: those that are named one by
// one, all others out of the whole cluster.
func (s Selection) Scope() kube.Scope {
	names, only := s.Named()
	return kube.Scope{ByName: only, Namespaces: names, Matters: s.Match}
}

// Keeps are the labels and annotations that are read. Labels of namespaces are read
// whole, because routes go by them; the inventory takes away what must not leave.
func (o MetadataOptions) Keeps() (k workload.Keeps, _ error) {
	var err, err2, err3 error
	k.Nodes, err = keep("metadata-collection.nodes", o.NodeLabels, o.NodeAnnotations, o.NodeDisable)
	k.Pods, err2 = keep("metadata-collection.pods", o.PodLabels, o.PodAnnotations, o.PodDisable)
	k.Namespaces, err3 = keep("metadata-collection.namespaces", o.NamespaceLabels, o.NamespaceAnnotations, o.NamespaceDisable)
	return k, errors.Join(err, err2, err3)
}

// keep makes the filter of one kind of object.
func keep(setting string, labels, annotations []string, disable bool) (workload.Keep, error) {
	if disable {
		return workload.KeepNothing(), nil
	}
	var k workload.Keep
	l, err := settings.ReadPatterns(setting+".labels", labels, settings.MetadataKey)
	a, err2 := settings.ReadPatterns(setting+".annotations", annotations, settings.MetadataKey)
	if len(l) > 0 {
		k.Labels = keyed(l)
	}
	if len(a) > 0 {
		k.Annotations = keyed(a)
	}
	return k, errors.Join(err, err2)
}

// keyed remembers what the patterns said of a key: there are few keys and many
// objects. The memory starts over when keys do not repeat.
func keyed(p settings.Patterns) func([]byte) bool {
	const most = 4096
	known := map[string]bool{}
	return func(key []byte) bool {
		ok, seen := known[string(key)]
		if !seen {
			if len(known) == most {
				clear(known)
			}
			ok = p.Match(string(key))
			known[string(key)] = ok
		}
		return ok
	}
}
