package view

import (
	"cmp"
	"slices"
	"strings"

	"stocktake/collector/objects"
	"stocktake/collector/payload"
	"stocktake/collector/report"
)

// The sides of ObjectGroupings.
const (
	byType      = "type"
	byNamespace = "namespace"
	byOwner     = "owner"
)

// objectTally counts whole objects by one of ObjectGroupings.
type objectTally struct {
	by         string
	reading    *objects.Reading
	groups     map[string]*objectGroup
	order      []*objectGroup
	objects    int
	types      map[payload.Type]bool
	namespaces map[string]bool
}

// objectGroup is a row on its way.
type objectGroup struct {
	report.ObjectGroup
	namespaces map[string]bool
	types      map[payload.Type]bool
}

func newObjectTally(by string, of *objects.Reading) *objectTally {
	t := &objectTally{by: by, reading: of, groups: map[string]*objectGroup{}, types: map[payload.Type]bool{}, namespaces: map[string]bool{}}
	if by != byType {
		return t
	}
	for _, r := range of.Types {
		g := t.group(r.String())
		g.Name, g.State, g.Version, g.Level = fullName(r.Type), string(r.State), r.Version, r.Level
		g.Masked, g.Consistency = r.Redacted.Masked, string(r.Consistency)
	}
	return t
}

func (t *objectTally) group(key string) *objectGroup {
	g := t.groups[key]
	if g == nil {
		g = &objectGroup{namespaces: map[string]bool{}, types: map[payload.Type]bool{}}
		t.groups[key] = g
		t.order = append(t.order, g)
	}
	return g
}

func (t *objectTally) add(o *objects.Object) error {
	t.objects++
	g := t.groupOf(o)
	g.Objects++
	g.types[o.Type], t.types[o.Type] = true, true
	if o.Namespace != "" {
		g.namespaces[o.Namespace], t.namespaces[o.Namespace] = true, true
	}
	return nil
}

func (t *objectTally) groupOf(o *objects.Object) *objectGroup {
	switch t.by {
	case byNamespace:
		g := t.group(o.Namespace)
		g.Name = o.Namespace
		return g
	case byOwner:
		return t.groupOfOwner(o)
	}
	return t.group(o.String())
}

// What stands in the place of an owner where there is none.
const (
	noOwner = "(no owner)"
	circle  = "(a circle of owners)"
)

// groupOfOwner is named by the object at the end of the chain, once that comes, or by what it
// says of an owner that is not there.
func (t *objectTally) groupOfOwner(o *objects.Object) *objectGroup {
	if o.Root == "" {
		g := t.group(o.Chain)
		if g.Name, g.State = noOwner, ""; o.Chain != "" {
			g.Name, g.State = circle, o.Chain
		}
		return g
	}
	g := t.group("/" + o.Root)
	g.State = cmp.Or(o.Chain, g.State)
	if o.UID != o.Root {
		return g
	}
	g.Name, g.Namespace = singleName(o.Kind, o.APIVersion(), o.Name), o.Namespace
	if owner := controller(o.Owners); o.Chain == "missing" && owner.Name != "" {
		g.Name = singleName(owner.Kind, owner.APIVersion, owner.Name)
	}
	return g
}

// controller is the owner that counts: the one that controls, or else the first.
func controller(owners []objects.Owner) objects.Owner {
	if i := slices.IndexFunc(owners, func(o objects.Owner) bool { return o.Controller }); i >= 0 {
		return owners[i]
	}
	if len(owners) > 0 {
		return owners[0]
	}
	return objects.Owner{}
}

// rows are the groups in order: types as they come, all else by name. Several objects may have
// the same owner that is not there.
func (t *objectTally) rows() (rows []report.ObjectGroup) {
	if t.by != byType {
		slices.SortStableFunc(t.order, func(a, b *objectGroup) int {
			return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name), strings.Compare(a.State, b.State))
		})
	}
	var last *objectGroup
	for _, g := range t.order {
		same := last != nil && t.by == byOwner && last.Name == g.Name && last.Namespace == g.Namespace && last.State == g.State
		if same {
			last.add(g)
			rows = rows[:len(rows)-1]
		} else {
			last = g
		}
		last.Types, last.Namespaces = len(last.types), len(last.namespaces)
		rows = append(rows, last.ObjectGroup)
	}
	return rows
}

func (g *objectGroup) add(other *objectGroup) {
	g.Objects += other.Objects
	for of := range other.types {
		g.types[of] = true
	}
	for name := range other.namespaces {
		g.namespaces[name] = true
	}
}

func (t *objectTally) total() report.ObjectTotal {
	total := report.ObjectTotal{Objects: t.objects, Types: len(t.types), Namespaces: len(t.namespaces)}
	for _, r := range t.reading.Types {
		total.Masked += r.Redacted.Masked
		if r.State != payload.Complete {
			total.States = append(total.States, string(r.State))
		}
	}
	if t.reading.Narrowed {
		total.Masked = -1
	}
	return total
}

// fullName is a type as kubectl names it: deployments.apps.
func fullName(t payload.Type) string { return strings.TrimSuffix(t.Resource+"."+t.Group, ".") }
