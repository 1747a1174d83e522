package objecttype

import (
	"slices"

	"stocktake/collector/kube"
)

// Rights are those that reading the selected types takes, in the words of roles: all of a
// group that is selected as a whole, as RBAC cannot take away, and else one by one. What
// is found is what the API server serves, or what [Selection.Assume] returns.
//
// A run needs no more than the rights on the Resources of its Choices, and if
// AsksWhoServes [kube.AggregatedRight].
func (s Selection) Rights(found kube.Discovered, scope kube.Scope) []kube.Right {
	var resources []kube.Resource
	whole := map[string]bool{}
	for _, one := range s.wanted {
		if one.form == wholeGroup && !whole[one.rest] {
			whole[one.rest] = true
			resources = append(resources, kube.Resource{Group: one.rest, Plural: "*", Namespaced: true})
		}
	}
	for _, c := range s.Choose(found, scope.ByName).Types {
		reads := c.State == Chosen || c.State == Unavailable && c.Invalid == nil || c.State == Absent && c.named
		if reads && c.Plural != "*" && !whole[c.Group] {
			c.Namespaced = c.Namespaced || c.State != Chosen && c.Kind == "" // nobody knows
			resources = append(resources, c.Resource)
		}
	}
	rights := scope.Rights(resources)
	who := kube.AggregatedRight()
	granted := whole[who.Group] && !scope.ByName || slices.Contains(rights, who)
	if s.AsksWhoServes() && !granted {
		rights = append(rights, who)
	}
	return rights
}

// Assume returns what a cluster serves if it has all that the selection names, so that
// rights can be told without a cluster. It returns false if a cluster must be asked: for
// *, and for names without a group, unless they are plurals of Kubernetes.
func (s Selection) Assume() (kube.Discovered, bool) {
	var assumed kube.Discovered
	known := builtIns()
	for _, r := range known {
		assume(&assumed, r)
	}
	for _, one := range slices.Concat(s.wanted, s.removed) {
		switch one.form {
		case everything:
			return kube.Discovered{}, false
		case wholeGroup:
			assumed.Versions = append(assumed.Versions, kube.GroupVersion{Group: one.rest, Version: "v1"})
		case byName:
			if !slices.ContainsFunc(known, func(r kube.Resource) bool { return r.Plural == one.name }) {
				return kube.Discovered{}, false
			}
		case qualified:
			at := one.places()[0]
			if kube.BuiltIn(at.group) && !slices.ContainsFunc(known, func(r kube.Resource) bool { return r.Group == at.group && r.Plural == one.name }) {
				return kube.Discovered{}, false
			}
			assume(&assumed, kube.Resource{Group: at.group, Version: at.version, Plural: one.name, Namespaced: scopeOf(known, at.group, one.name)})
		case defaultList:
		}
	}
	return assumed, true
}

// scopeOf reports whether objects of a type have a namespace; those of others than
// Kubernetes are taken to.
func scopeOf(known []kube.Resource, group, plural string) bool {
	i := slices.IndexFunc(known, func(r kube.Resource) bool { return r.Group == group && r.Plural == plural })
	return i < 0 || known[i].Namespaced
}

// assume adds a type, in the version v1 unless it has another.
func assume(to *kube.Discovered, r kube.Resource) {
	if r.Version == "" {
		r.Version = "v1"
	}
	t := kube.ObjectType{Resource: r, Verbs: []string{"list"}}
	to.Versions = append(to.Versions, kube.GroupVersion{Group: r.Group, Version: r.Version, Types: []kube.ObjectType{t}})
}
