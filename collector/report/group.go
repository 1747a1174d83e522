package report

import (
	"cmp"
	"slices"
	"strings"
)

// Grouping is a side from which a stock is looked at.
type Grouping string

// The groupings. A group of ByWorkload is told by namespace and name, each other
// one by its name.
const (
	ByNamespace Grouping = "namespace"
	ByWorkload  Grouping = "workload"
	ByNode      Grouping = "node"
	ByRegistry  Grouping = "registry"
)

// Group is one namespace, workload, node or registry with the images that it
// uses. The names of its JSON are an interface, like those of Line.
type Group struct {
	// Name is empty for pods on no node, images of no registry, and where the
	// inventory does not say.
	Name string `json:"name"`
	// Namespace is that of a workload, and otherwise empty.
	Namespace string `json:"namespace,omitempty"`
	// Platform is that of a node, and otherwise empty.
	Platform string `json:"platform,omitempty"`
	// Pods, Running and Containers are counted as in Line.
	Pods       int `json:"pods"`
	Running    int `json:"running"`
	Containers int `json:"containers"`
	// WithoutDigest counts its images whose digest is unknown.
	WithoutDigest int `json:"without_digest"`
	// Images are the references of its images, sorted.
	Images []string `json:"images"`
}

// By returns a group for each namespace, workload, node or registry that uses an
// image which the filter shows, by name.
func (s *Stock) By(g Grouping, f Filter) []Group {
	shown := make([]string, len(s.images)) // references, shared by all groups
	for i := range s.images {
		if f.shows(&s.images[i]) {
			shown[i] = s.images[i].reference()
		}
	}
	found := map[groupKey]*groupUses{}
	for _, u := range s.uses[:s.whole.uses] {
		if f.shows(&s.images[u.image]) {
			key := s.keyOf(g, &u)
			if found[key] == nil {
				found[key] = &groupUses{}
			}
			found[key].add(&u, &s.pods[u.pod])
		}
	}
	groups := make([]Group, 0, len(found))
	for key, uses := range found {
		groups = append(groups, s.group(key, uses, shown))
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})

	return groups
}

// groupKey tells groups apart.
type groupKey struct{ namespace, name, platform string }

func (s *Stock) keyOf(g Grouping, u *use) groupKey {
	pod := &s.pods[u.pod]
	switch g {
	case ByNamespace:
		return groupKey{name: s.namespaces.all[pod.namespace]}
	case ByWorkload:
		return groupKey{namespace: s.namespaces.all[pod.namespace], name: s.workloads.all[pod.workload]}
	case ByNode:
		node := s.nodes.all[pod.node]
		return groupKey{name: node, platform: s.platforms[node]}
	case ByRegistry:
		return groupKey{name: s.images[u.image].registry}
	}

	return groupKey{}
}

// groupUses gathers what a group uses.
type groupUses struct {
	pods, running, containers int
	last                      int32 // as in users
	images                    []int32
}

func (a *groupUses) add(u *use, pod *podEntry) {
	a.containers++
	a.images = appendNew(a.images, u.image)
	if !pod.named || a.last == u.pod+1 {
		return
	}
	a.last = u.pod + 1
	a.pods++
	if pod.life == running {
		a.running++
	}
}

func (s *Stock) group(key groupKey, a *groupUses, references []string) Group {
	slices.Sort(a.images)
	a.images = slices.Compact(a.images)
	group := Group{
		Name: key.name, Namespace: key.namespace, Platform: key.platform,
		Pods: a.pods, Running: a.running, Containers: a.containers, Images: make([]string, len(a.images)),
	}
	for i, number := range a.images {
		group.Images[i] = references[number]
		if s.images[number].undigested() {
			group.WithoutDigest++
		}
	}
	slices.Sort(group.Images)

	return group
}
