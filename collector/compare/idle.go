package compare

import (
	"stocktake/collector/inventory"
)

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
