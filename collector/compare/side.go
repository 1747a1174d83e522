package compare

import (
	"crypto/sha256"
	"encoding/binary"

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

// tagged is an image whose content may change.
type tagged struct {
	name string // canonical; the text as it was written, where that is no reference
	tag  string // empty for one that is known by its digest alone
	// digest is that of an image without a tag, which is another image with another
	// digest.
	digest string
}

// uses is what the containers of a namespace say of an image.
type uses struct {
	contents map[content]*content // none if every container waits
	sure     bool                 // one of them is such that every program names it
	tagged   bool                 // one of them has the tag from somebody who wrote it
	stale    bool                 // one of them still has the status of another image
	odd      bool                 // no valid reference
	places   []place
	steady   bool            // one of them is in a pod that is always started again
	first    bool            // one of them is the first of its pod
	after    map[tagged]bool // the first containers of the pods of the others
}

// place is a container of a pod. There may be hundreds of thousands, so that
// their UIDs and names are kept as hashes.
type place struct{ pod, container uint64 }

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

// stand notes where in its pod a container stands.
func (u *uses) stand(p *inventory.Pod, at int, key tagged, first *tagged) {
	u.steady = u.steady || steady(p)
	switch {
	case p.UID == "":
	case at == 0:
		u.first, *first = true, key
	case *first != tagged{}:
		u.after[*first] = true
	}
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

func keyOf(img *image.Image) tagged {
	key := tagged{name: img.Ref.Name(), tag: img.Ref.Tag}
	switch {
	case key.name == "":
		return tagged{name: img.Written}
	case key.tag == "":
		key.digest = img.Digest()
	}
	return key
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

func (u *uses) add(c content) *content {
	found := u.contents[c]
	if found == nil {
		found = &c
		u.contents[c] = found
	}
	return found
}

// hash keeps eight bytes of a text: two of a million texts share them with a chance of
// one to thirty million.
func hash(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
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
