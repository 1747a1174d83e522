package objecttype

import (
	"fmt"
	"slices"
	"strings"

	"stocktake/collector/kube"
)

// finder finds the types that a selector reaches.
type finder struct {
	all        []kube.GroupVersion
	groups     []string // in the server's order, each once
	of         map[string][]kube.GroupVersion
	aggregated bool // * reaches other servers
}

func newFinder(found kube.Discovered, aggregated bool) finder {
	f := finder{all: found.Versions, of: map[string][]kube.GroupVersion{}, aggregated: aggregated}
	for _, v := range found.Versions {
		if f.of[v.Group] == nil {
			f.groups = append(f.groups, v.Group)
		}
		f.of[v.Group] = append(f.of[v.Group], v)
	}
	return f
}

// reach finds the types that a selector means, at least one: an absent one where there
// is none.
func (f finder) reach(s selector) (all []Choice) {
	switch s.form {
	case defaultList:
		for _, r := range builtIns() {
			if byDefault(r.Plural) {
				all = append(all, f.named(place{group: r.Group}, r.Plural)...)
			}
		}
		return all
	case everything:
		for _, group := range f.groups {
			all = append(all, f.group(group, !f.aggregated)...)
		}
		return all
	case wholeGroup:
		all = f.group(s.rest, false)
		if f.of[s.rest] == nil {
			all = []Choice{absent(kube.Resource{Group: s.rest, Plural: "*"}, "the API server has no such group")}
		}
		return all
	case qualified:
		return f.qualified(s)
	case byName:
	}
	return f.unqualified(s.name)
}

// qualified finds the type of the first place that serves it.
func (f finder) qualified(s selector) []Choice {
	places := s.places()
	for _, at := range places {
		if found := f.named(at, s.name); len(found) > 0 {
			for i := range found {
				found[i].named, found[i].pinned = true, at.version != ""
			}
			return found
		}
	}
	lost := absent(kube.Resource{Group: places[0].group, Version: places[0].version, Plural: s.name}, "the API server serves no such type")
	lost.named = true
	return []Choice{lost}
}

// unqualified finds the type of Kubernetes that has a name, or else that of every group.
func (f finder) unqualified(name string) []Choice {
	var builtIn, other []Choice
	var stale *kube.GroupVersion
	for _, group := range f.groups {
		found := f.byName(f.of[group], name)
		if kube.BuiltIn(group) {
			builtIn = append(builtIn, found...)
		} else {
			other = append(other, found...)
		}
		if i := slices.IndexFunc(f.of[group], isStale); i >= 0 && stale == nil {
			stale = &f.of[group][i]
		}
	}
	switch {
	case len(builtIn) > 0:
		return builtIn
	case len(other) > 0:
		return other
	case stale != nil:
		return []Choice{unavailable(kube.ObjectType{Resource: kube.Resource{Plural: name}}, fmt.Errorf("no group that answers serves it, and %w", stale.Stale))}
	}
	return []Choice{absent(kube.Resource{Plural: name}, "the API server serves no such type")}
}

// named finds the type of a name in a group. It is unavailable where a version may serve
// it whose types are not known.
func (f finder) named(at place, name string) []Choice {
	versions := f.of[at.group]
	if at.version != "" {
		versions = slices.DeleteFunc(slices.Clone(versions), func(v kube.GroupVersion) bool { return v.Version != at.version })
	}
	found := f.byName(versions, name)
	if i := slices.IndexFunc(versions, isStale); len(found) == 0 && i >= 0 {
		return []Choice{unavailable(kube.ObjectType{Resource: kube.Resource{Group: at.group, Version: versions[i].Version, Plural: name}}, versions[i].Stale)}
	}
	return found
}

// byName finds the types of a name in the versions of a group: by plural, and if there is
// none by the other names.
func (f finder) byName(versions []kube.GroupVersion, name string) []Choice {
	found := inFirstVersion(versions, func(t kube.ObjectType) bool { return strings.EqualFold(t.Plural, name) })
	if len(found) > 0 {
		return found
	}
	return inFirstVersion(versions, func(t kube.ObjectType) bool {
		return strings.EqualFold(t.Singular, name) || strings.EqualFold(t.Kind, name) || slices.ContainsFunc(t.ShortNames, func(short string) bool { return strings.EqualFold(short, name) })
	})
}

// group finds all types of a group whose objects can be listed, and for each version that
// does not tell its types one that stands for them.
func (f finder) group(group string, withoutAggregated bool) (all []Choice) {
	versions := f.of[group]
	all = slices.DeleteFunc(inFirstVersion(versions, kube.ObjectType.Listable), func(c Choice) bool { return c.State == Excluded })
	for _, v := range versions {
		if v.Stale != nil {
			all = append(all, unavailable(kube.ObjectType{Resource: kube.Resource{Group: group, Version: v.Version, Plural: "*"}}, v.Stale))
		}
	}
	for i := range all {
		if withoutAggregated && slices.ContainsFunc(versions, func(v kube.GroupVersion) bool { return v.Version == all[i].Version && v.Aggregated }) {
			all[i].State, all[i].Cause = Excluded, nil
			all[i].Reason = "another server serves it: name it, or set objects.aggregated=true"
		}
	}
	return all
}

func isStale(v kube.GroupVersion) bool { return v.Stale != nil }

// inFirstVersion finds types in the first version of their group that lists them. After a
// version whose types are not known they are unavailable: it may be the one, and another
// would have other objects in it each time that it does not answer.
func inFirstVersion(versions []kube.GroupVersion, match func(kube.ObjectType) bool) (all []Choice) {
	var stale error
	listed := map[string]bool{}
	var unlisted []kube.ObjectType
	for _, v := range versions {
		if v.Stale != nil && stale == nil {
			stale = v.Stale
		}
		for _, t := range v.Types {
			switch {
			case v.Stale != nil || !match(t) || listed[t.Plural]:
			case !t.Listable():
				unlisted = append(unlisted, t)
			default:
				listed[t.Plural] = true
				all = append(all, choiceOf(t, stale))
			}
		}
	}
	for _, t := range unlisted {
		if !listed[t.Plural] {
			listed[t.Plural] = true
			all = append(all, Choice{ObjectType: t, State: Excluded, Reason: "the API server does not list its objects"})
		}
	}
	return all
}
