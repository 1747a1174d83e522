package compare

import (
	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// Detail is how much the inventories of a kind tell.
type Detail int

// The details, from much to little.
const (
	// Everything is each container with its state, its platform and both of its
	// digests, under the tag that was written.
	Everything Detail = iota
	// Containers is each container with its ID, one digest, and a tag that may be made
	// up where none was written.
	Containers
	// Images is as much of images, without the containers that use them.
	Images
)

// View says how a container counts: by which image, if it counts at all, and whether
// every program would name it. Inventories of different kinds know different things,
// and are compared in the view that both can give.
type View func(*inventory.Pod, *inventory.Container) (img image.Image, sure, counts bool)

// Side is one of two inventories. It takes the records as they arrive and keeps the
// distinct images of each namespace.
type Side struct {
	// Detail is that of the inventory, not of the view. It may be set late.
	Detail Detail
	// OnlyContainers says that it names no volumes and no ephemeral containers.
	OnlyContainers bool

	view      View
	platforms map[string]string           // of nodes
	pending   map[string]map[tagged]*uses // of namespaces that have not ended
	whole     map[string]map[tagged]*uses
	places    map[place]bool      // containers of such pods
	ran       map[uint64]*content // by hash of the container's ID
	tagless   bool                // names an image by its digest in place of a tag
	idle      idleness
}

// NewSide returns an empty inventory.
func NewSide(view View) *Side {
	return &Side{
		view: view, pending: map[string]map[tagged]*uses{}, whole: map[string]map[tagged]*uses{},
		places: map[place]bool{}, ran: map[uint64]*content{}, idle: idleness{bare: map[string]bool{}, pods: map[uint64]bool{}},
	}
}

// SetNodes makes the platforms of nodes known, once all pods were taken. Config ids are
// told apart by them.
func (s *Side) SetNodes(nodes []inventory.Node) {
	s.platforms = make(map[string]string, len(nodes))
	for i := range nodes {
		s.platforms[nodes[i].Name] = nodes[i].Platform().String()
	}
	for _, images := range s.whole {
		for _, u := range images {
			for _, c := range u.contents {
				c.platform = s.platforms[c.node]
			}
		}
	}
}

// Restart forgets all pods.
func (s *Side) Restart() { *s = *NewSide(s.view) }

// Pod takes the images of a pod.
func (s *Side) Pod(p *inventory.Pod) error {
	s.idle.take(p)
	var first tagged
	for i := range p.Containers {
		c := &p.Containers[i]
		if p.UID != "" {
			s.places[place{hash(p.UID), hash(c.Name)}] = true
		}
		if img, sure, counts := s.view(p, c); counts {
			u, key := s.take(p, c, &img, sure)
			u.stand(p, i, key, &first)
		}
	}
	return nil
}

func (s *Side) take(p *inventory.Pod, c *inventory.Container, img *image.Image, sure bool) (*uses, tagged) {
	images := s.pending[p.Namespace]
	if images == nil {
		images = map[tagged]*uses{}
		s.pending[p.Namespace] = images
	}
	key := keyOf(img)
	u := images[key]
	if u == nil {
		u = &uses{contents: map[content]*content{}, after: map[tagged]bool{}}
		images[key] = u
	}
	noTag := key.tag == "" || img.Flags&(image.NoTag|image.TagImplied) != 0
	u.sure, u.tagged = u.sure || sure, u.tagged || !noTag
	u.odd = img.Ref.Name() == ""
	s.tagless = s.tagless || key.tag == "" && img.SpecDigest != ""
	if p.UID != "" {
		u.places = append(u.places, place{hash(p.UID), hash(c.Name)})
	}
	u.stale = u.stale || img.Flags.Has(image.OldStatus)
	if silent(p, c, img, sure) {
		return u, key
	}
	found := u.add(contentOf(img, p.Node))
	if c.ID != "" {
		s.ran[hash(c.ID)] = found
	}
	return u, key
}

// silent reports whether a container says nothing of the content of its image, because
// it has not started, or has ended unseen by a kubelet (ContainerStatusUnknown), or would
// not be in the bodies of all programs. Of an inventory without pods nobody knows.
func silent(p *inventory.Pod, c *inventory.Container, img *image.Image, sure bool) bool {
	switch {
	case img.Digest() != "", img.ConfigID != "", p.Name == "":
		return false
	case c.ID == "" && (!sure || c.State == inventory.StateTerminated):
		return true
	case c.State != "":
		return c.State == inventory.StateWaiting
	}
	return c.ID == "" && p.Phase != inventory.Running
}

// End closes a namespace: it counts, or with a gap it was not read in full and does
// not.
func (s *Side) End(namespace string, gap *inventory.Gap) error {
	if gap == nil {
		s.whole[namespace] = s.pending[namespace]
	}
	delete(s.pending, namespace)
	return nil
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

// mayNameMore reports whether an inventory names ephemeral containers and volumes, and
// the other one never does.
func (s *Side) mayNameMore(other *Side) bool { return !s.OnlyContainers && other.OnlyContainers }
