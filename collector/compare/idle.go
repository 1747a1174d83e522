package compare

import (
	"slices"

	"stocktake/collector/inventory"
)

// steady reports whether a pod has a label of those that are always started again: of
// Deployments, StatefulSets and DaemonSets. What was started there still runs.
func steady(p *inventory.Pod) bool {
	return slices.ContainsFunc(p.Labels, func(l inventory.Label) bool {
		return l.Key == "pod-template-hash" || l.Key == "controller-revision-hash"
	})
}

// idleness is what bodies for Anchore, which have no phases, show of pods that do not run.
type idleness struct {
	bare    map[string]bool // namespaces that have a pod without a container
	pods    map[uint64]bool // all pods by UID; true for those in which something was started
	named   bool            // a pod has containers, of which none was ever started
	waiting bool            // a container was never started: only Anchore's collector names such
}

// take looks at a pod with its containers.
func (i *idleness) take(p *inventory.Pod) {
	if p.UID == "" {
		return
	}
	started := 0
	for j := range p.Containers {
		if p.Containers[j].ID != "" {
			started++
		}
	}
	switch {
	case len(p.Containers) == 0:
		i.bare[p.Namespace] = true
	case started == 0:
		i.named = true
	}
	i.waiting = i.waiting || started < len(p.Containers)
	i.pods[hash(p.UID)] = started > 0
}

// shown reports whether a pod is there that does not run, as far as both know: one
// without containers may only lack those that have no tag (missing-tag-policy), above
// all if it has none in the other inventory either.
func (i *idleness) shown(other *idleness) bool {
	if i.named || len(i.bare) == 0 {
		return i.named
	}
	for pod, started := range i.pods {
		if _, common := other.pods[pod]; !started && !common {
			return true
		}
	}
	return false
}

// alike reports whether both have a pod of which they name no container.
func (i *idleness) alike(other *idleness) bool {
	for pod, started := range i.pods {
		if startedThere, common := other.pods[pod]; common && !started && !startedThere {
			return true
		}
	}
	return false
}

// otherSettings reports whether an inventory seems to name pods that do not run, where
// the other one names none (ignore-not-running). Neither says so itself.
func otherSettings(in, other *Side) bool {
	switch {
	case in.Detail == Everything || other.Detail == Everything:
		return false
	case in.Detail == Containers:
		pods := in.idle.named || !in.idle.waiting && in.idle.shown(&other.idle) && !in.idle.alike(&other.idle)
		return pods && (other.Detail == Images || !other.idle.shown(&in.idle))
	case other.Detail == Containers:
		return in.hasUnknown(other) && !other.idle.shown(&in.idle)
	}
	return in.hasUnknown(other) && (other.mayNameMore(in) || !other.hasUnknown(in))
}

// hasUnknown reports whether an inventory without pods has an image of which nothing is
// known, and which the other has not: it may be of a pod that has not started.
func (s *Side) hasUnknown(other *Side) bool {
	for namespace, images := range s.whole {
		others, both := other.whole[namespace]
		if !both {
			continue
		}
		names := map[string]bool{}
		for key := range others {
			names[key.name] = true
		}
		for key, u := range images {
			if !names[key.name] && u.nothingKnown() {
				return true
			}
		}
	}
	return false
}

// nothingKnown reports whether neither a digest nor a config id is known.
func (u *uses) nothingKnown() bool {
	for each := range u.contents {
		if each.digest != "" || each.config != "" {
			return false
		}
	}
	return true
}

// mayNameMore reports whether an inventory names ephemeral containers and volumes, and
// the other one never does.
func (s *Side) mayNameMore(other *Side) bool { return !s.OnlyContainers && other.OnlyContainers }

// beside reports whether a container is always a further one of a pod of which the other
// inventory knows the first: ephemeral containers are.
func (u *uses) beside(others map[tagged]*uses) bool {
	if u.first || len(u.after) == 0 {
		return false
	}
	for key := range u.after {
		if others[key] == nil {
			return false
		}
	}
	return true
}
