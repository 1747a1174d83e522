package compare

import (
	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// View says how a container counts: by which image, or not at all. Inventories of
// different kinds know different things, and are compared in the view that both can
// give.
type View func(*inventory.Pod, *inventory.Container) (image.Image, bool)

// Side is one of two inventories. It takes the records as they arrive and keeps the
// distinct images of each namespace.
type Side struct {
	view    View
	pending map[string]map[tagged]contents // of namespaces that have not ended
	whole   map[string]map[tagged]contents
}

// tagged is an image whose content may change.
type tagged struct {
	name string // canonical; the text as it was written, where that is no reference
	tag  string // empty for one that is known by its digest alone
	// digest is that of an image without a tag, which is another image with another
	// digest.
	digest string
}

// content is what an image consists of: one of the two, or neither.
type content struct {
	digest, config string
}

type contents map[content]struct{}

// NewSide returns an empty inventory.
func NewSide(view View) *Side {
	return &Side{view: view, pending: map[string]map[tagged]contents{}, whole: map[string]map[tagged]contents{}}
}

// Pod takes the images of a pod.
func (s *Side) Pod(p *inventory.Pod) error {
	for i := range p.Containers {
		if img, counts := s.view(p, &p.Containers[i]); counts {
			s.take(p.Namespace, &img)
		}
	}
	return nil
}

func (s *Side) take(namespace string, img *image.Image) {
	images := s.pending[namespace]
	if images == nil {
		images = map[tagged]contents{}
		s.pending[namespace] = images
	}
	key := tagged{name: img.Ref.Name(), tag: img.Ref.Tag}
	if key.name == "" {
		key = tagged{name: img.Written}
	}
	c := content{digest: img.Digest()}
	switch {
	case c.digest == "":
		c.config = img.ConfigID
	case key.tag == "":
		key.digest = c.digest
	}
	if images[key] == nil {
		images[key] = contents{}
	}
	images[key][c] = struct{}{}
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
