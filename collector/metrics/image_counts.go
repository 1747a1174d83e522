package metrics

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// ImageCounts counts the images of the pods that it is shown. Pods come namespace by
// namespace, and those of a namespace count only after its End, so that one that was
// read in part counts for nothing, as it does for receivers. The zero ImageCounts is
// empty and ready.
type ImageCounts struct {
	settled, pending counts
	images           map[name]struct{} // of the namespaces that have ended
	fresh            map[name]struct{} // of the namespace at hand
}

// counts is what is counted one by one.
type counts struct {
	pods, containers, withoutDigest int
}

// name is what makes an image another one: what was asked for and what came, not on
// how many nodes and under which aliases. Text that is no reference is its own name.
type name struct {
	ref     image.Ref
	written string // of an image without a name; of long text, the hash
}

// maxWritten is how many bytes of text are kept for the whole run. Of longer text,
// which no image can have, a hash is kept.
const maxWritten = 1024

// maxRegistries is how many registries have a series of their own.
const maxRegistries = 20

// The values of the label registry that are no registry. None can be one: the host
// of a reference has a dot, a colon or a capital letter, or is localhost.
const (
	otherRegistries = "other"
	noRegistry      = "none" // the text is no reference
)

// Pod takes the containers of a pod.
func (c *ImageCounts) Pod(p *inventory.Pod) error {
	if c.fresh == nil {
		c.images, c.fresh = map[name]struct{}{}, map[name]struct{}{}
	}
	c.pending.pods++
	for i := range p.Containers {
		img := &p.Containers[i].Image
		c.pending.containers++
		if img.Digest() == "" {
			c.pending.withoutDigest++
		}
		c.fresh[nameOf(img)] = struct{}{}
	}
	return nil
}

func nameOf(img *image.Image) name {
	switch {
	case img.Ref.Name() != "":
	case len(img.Written) > maxWritten:
		hash := sha256.Sum256([]byte(img.Written))
		return name{written: string(hash[:]), ref: image.Ref{TagImplied: true}} // which text has not
	default:
		return name{written: img.Written}
	}
	return name{ref: img.Ref}
}

// End closes a namespace: what it adds counts, or is forgotten if there is a gap.
func (c *ImageCounts) End(_ string, gap *inventory.Gap) error {
	if gap == nil {
		c.settled.pods += c.pending.pods
		c.settled.containers += c.pending.containers
		c.settled.withoutDigest += c.pending.withoutDigest
		maps.Copy(c.images, c.fresh)
	}
	c.pending = counts{}
	clear(c.fresh)
	return nil
}

// withoutDigest is how many of the distinct images have no digest.
func (c *ImageCounts) withoutDigest() int {
	count := 0
	for n := range c.images {
		if n.ref.Digest == "" {
			count++
		}
	}
	return count
}

// registry is a registry, or what stands for several, with its distinct images.
type registry struct {
	host   string
	images int
}

// registries are the largest, and then the sum of all others, which is always there.
func (c *ImageCounts) registries() []registry {
	counts := map[string]int{}
	for n := range c.images {
		counts[cmp.Or(n.ref.Registry, noRegistry)]++
	}
	all := make([]registry, 0, len(counts))
	for host, images := range counts {
		all = append(all, registry{host, images})
	}
	slices.SortFunc(all, func(a, b registry) int {
		return cmp.Or(cmp.Compare(b.images, a.images), cmp.Compare(a.host, b.host))
	})
	most := min(len(all), maxRegistries)
	others := registry{host: otherRegistries}
	for _, r := range all[most:] {
		others.images += r.images
	}
	return append(all[:most:most], others)
}
