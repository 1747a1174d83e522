package history

import (
	"strings"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// Recorder keeps what a reading saw until it is recorded: each image at each place once. It
// is an inventory.Visitor.
type Recorder struct {
	texts      texts
	places     numbered[place]
	images     numbered[picture]
	namespaces map[string]*namespaceSeen
}

// NewRecorder returns a recorder that has seen nothing.
func NewRecorder() *Recorder {
	return &Recorder{texts: newTexts(), places: newNumbered[place](), images: newNumbered[picture](), namespaces: map[string]*namespaceSeen{}}
}

// numbered gives each value a number.
type numbered[T comparable] struct {
	numbers map[T]uint32
	all     []T
}

func newNumbered[T comparable]() numbered[T] { return numbered[T]{numbers: map[T]uint32{}} }

func (n *numbered[T]) number(value T) uint32 {
	number, known := n.numbers[value]
	if !known {
		number = uint32(len(n.all)) //nolint:gosec // memory ends before numbers do
		n.all = append(n.all, value)
		n.numbers[value] = number
	}
	return number
}

// picture is an image, in numbers of texts: what it is called, and the digest of the registry or
// else the config id. The repository of what is no reference is the text, without a registry.
type picture struct {
	registry, repository, tag uint32
	digest                    uint32
	config                    bool
}

// use is an image at a place.
type use struct{ place, image uint32 }

// namespaceSeen is what was seen of a namespace.
type namespaceSeen struct {
	uses    map[use]struct{}
	unknown map[use]struct{} // those of uses whose image has no digest
	begun   bool             // a pod of it, or its end, has come
	whole   bool
}

// Restart implements inventory.Restarter.
func (r *Recorder) Restart() { *r = *NewRecorder() }

// Pod implements inventory.Visitor.
func (r *Recorder) Pod(p *inventory.Pod) error {
	n := r.namespace(p.Namespace)
	of, derived := workloadOf(p)
	at := place{namespace: r.texts.number(p.Namespace), workloadKind: r.texts.number(of.Kind), workload: r.texts.number(of.Name), derived: derived}
	for i := range p.Containers {
		c := &p.Containers[i]
		at.containerKind, at.container = r.texts.number(string(c.Kind)), r.texts.number(c.Name)
		n.uses[use{r.places.number(at), r.images.number(r.picture(&c.Image))}] = struct{}{}
	}
	return nil
}

func (r *Recorder) namespace(name string) *namespaceSeen {
	n := r.namespaces[name]
	if n == nil {
		n = &namespaceSeen{uses: map[use]struct{}{}}
		r.namespaces[strings.Clone(name)] = n
	}
	n.begun = true
	return n
}

// picture is what counts of an image. An implied tag is the same as a written one.
func (r *Recorder) picture(i *image.Image) picture {
	p := picture{registry: r.texts.number(i.Ref.Registry), repository: r.texts.number(i.Ref.Repository), tag: r.texts.number(i.Ref.Tag), digest: r.texts.number(i.Ref.Digest)}
	if i.Ref.Repository == "" {
		p.registry, p.repository, p.tag = 0, r.texts.number(i.Written), 0
	}
	if p.digest == 0 && i.ConfigID != "" {
		p.digest, p.config = r.texts.number(i.ConfigID), true
	}
	return p
}

// End implements inventory.Visitor. Of a namespace that was not read in full nothing counts.
func (r *Recorder) End(namespace string, gap *inventory.Gap) error {
	n := r.namespace(namespace)
	n.whole = gap == nil
	if gap != nil {
		n.uses = map[use]struct{}{}
		return nil
	}
	r.settle(n)
	return nil
}

// settle drops the uses of images without a digest beside which the same image has one:
// one of several replicas waits for it.
func (r *Recorder) settle(n *namespaceSeen) {
	n.unknown = nil
	for u := range n.uses {
		if r.images.all[u.image].digest == 0 {
			if n.unknown == nil {
				n.unknown = map[use]struct{}{}
			}
			n.unknown[u] = struct{}{}
		}
	}
	if n.unknown == nil {
		return
	}
	for u := range n.uses {
		if r.images.all[u.image].digest == 0 {
			continue
		}
		if blank, known := r.asUnknown(u); known {
			delete(n.unknown, blank)
			delete(n.uses, blank)
		}
	}
}

// asUnknown is a use with the same image as if its digest were not known, if anything uses that.
func (r *Recorder) asUnknown(u use) (use, bool) {
	p := r.images.all[u.image]
	p.digest, p.config = 0, false
	number, known := r.images.numbers[p]
	return use{u.place, number}, known
}

// name is the name of an image without its tag.
func (r *Recorder) name(p picture) string {
	if p.registry == 0 {
		return r.texts.all[p.repository]
	}
	return r.texts.all[p.registry] + "/" + r.texts.all[p.repository]
}
