package objects

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"stocktake/collector/kube"
	"stocktake/collector/object"
	"stocktake/collector/objecttype"
	"stocktake/collector/payload"
)

// Plan is what the settings say of whole objects, before a cluster is asked.
type Plan struct {
	options     Options
	chunks      payload.ObjectOptions
	incomplete  bool // what cannot be read may be missing
	types, full objecttype.Selection
	rules       *object.Rules
	kinds       []payload.Kind // of the bodies that somebody gets, each once
}

// NewPlan makes the plan for bodies of these kinds. With incomplete types may be missing that
// cannot be read.
func NewPlan(all Groups, kinds []payload.Kind, incomplete bool) (*Plan, error) {
	o := all.Objects
	types, typesErr := all.ObjectTypes.Selection()
	full, fullErr := objecttype.Read("objects.full", o.Full)
	errs := []error{typesErr, fullErr, o.Check()}
	for _, kind := range kinds {
		errs = append(errs, kind.CheckMissing("allow-incomplete", incomplete), kind.CheckMissing("objects.skip-forbidden", o.SkipForbidden))
	}
	return &Plan{options: o, chunks: all.ObjectChunks, incomplete: incomplete, types: types, full: full, rules: object.NewRules(o.Annotations), kinds: kinds}, errors.Join(errs...)
}

// Tolerant is the plan for somebody who looks at what can be read: types may be missing, also
// those that may not be listed.
func (p *Plan) Tolerant() *Plan {
	t := *p
	t.options.SkipForbidden, t.incomplete = true, true
	return &t
}

// Kinds are those of the bodies.
func (p *Plan) Kinds() []payload.Kind { return p.kinds }

// Assume is what a cluster serves that has all types which are named, so that rights can be
// told without one; false if only the cluster knows what a name means.
func (p *Plan) Assume() (kube.Discovered, bool) { return p.types.Assume() }

// Discover asks the cluster which types it serves.
func (p *Plan) Discover(ctx context.Context, c *kube.Cluster) (kube.Discovered, error) {
	found, err := c.Discover(ctx, p.types.AsksWhoServes())
	if kube.IsForbidden(err) && p.types.AsksWhoServes() {
		err = fmt.Errorf("objects.types: *: %w: grant %s (stocktake rbac prints the whole role), or let * reach the APIs of other servers too with objects.aggregated=true", err, rulesOf([]kube.Right{kube.AggregatedRight()}))
	}
	return found, err
}

// Choices are the types of objects that are read, as the API server serves them.
type Choices struct {
	objecttype.Choices
	found kube.Discovered
	full  map[kube.Resource]bool // those whose strings are sent
}

// Choose asks the API server which types it serves, and decides which of them are read.
func (p *Plan) Choose(ctx context.Context, c *kube.Cluster, byNamespace bool) (Choices, error) {
	found, err := p.Discover(ctx, c)
	if err != nil {
		return Choices{}, err
	}
	chosen := Choices{Choices: p.types.Choose(found, byNamespace), found: found, full: map[kube.Resource]bool{}}
	for _, of := range p.full.Choose(found, false).Resources() {
		chosen.full[of] = true
	}
	return chosen, nil
}

// Served are the types that the API server lists, whether they are read or not.
func (c Choices) Served() (all []payload.Type) {
	for _, v := range c.found.Versions {
		for _, t := range v.Types {
			if t.Listable() && t.Invalid == nil {
				all = append(all, payload.Type{Group: t.Group, Version: t.Version, Resource: t.Plural, Kind: t.Kind, Namespaced: t.Namespaced})
			}
		}
	}
	return all
}

// filter is what takes out of the objects of a type what is not sent.
func (p *Plan) filter(of kube.Resource, chosen Choices) *object.Filter {
	aggregated := slices.ContainsFunc(chosen.found.Versions, func(v kube.GroupVersion) bool {
		return v.Aggregated && v.Group == of.Group && v.Version == of.Version
	})
	return p.rules.Filter(object.Type{Group: of.Group, Version: of.Version, Kind: of.Kind, BuiltIn: kube.BuiltIn(of.Group) && !aggregated}, chosen.level(of))
}

// Level is how much of the objects of a type is sent, empty if they are not read.
func (c Choices) Level(of objecttype.Choice) string {
	if of.State != objecttype.Chosen {
		return ""
	}
	return c.level(of.Resource).String()
}

func (c Choices) level(of kube.Resource) object.Level {
	wanted := object.Masked
	if c.full[of] {
		wanted = object.Full
	}
	return object.LevelOf(object.Type{Group: of.Group, Kind: of.Kind}, wanted)
}
