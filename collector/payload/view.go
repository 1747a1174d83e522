package payload

import (
	"fmt"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// Reported says under which name and digest a container is reported, if it is.
type Reported func(*inventory.Pod, *inventory.Container) (name, digest string, reported bool)

// Reported returns how containers are reported in bodies of a kind, anchore or kai,
// under these settings. Records that come from such a body have been chosen before;
// they only need their names again.
func (o Options) Reported(kind, from Kind) (Reported, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	names := newNamer(&o)
	naming := map[Kind]func(*inventory.Container) (imageName, Reason){
		Anchore: names.anchore,
		KAI:     func(c *inventory.Container) (imageName, Reason) { return names.name(&c.Image) },
	}
	name, ok := naming[kind]
	switch {
	case !ok:
		return nil, fmt.Errorf("bodies of the kind %q name no images for Anchore", kind)
	case from != Stocktake:
		name, o.IgnoreNotRunning = naming[KAI], false
	}
	return func(p *inventory.Pod, c *inventory.Container) (string, string, bool) {
		if o.IgnoreNotRunning && p.Phase != inventory.Running {
			return "", "", false
		}
		n, left := name(c)
		return n.String(), n.digest, left == ""
	}, nil
}

// View tells how a container looks in bodies of a kind.
type View func(*inventory.Pod, *inventory.Container) (img image.Image, sure, counts bool)

// View returns how containers look in bodies of a kind under these settings: the
// image that Load would read there with all its digests, and false for one that has no
// name there. Whether it is in there at all is sure only for containers that every
// program names, whatever its settings. By it inventories of different kinds can be
// compared.
func (o Options) View(kind Kind) (View, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	if _, err := schemaOf(kind); err != nil {
		return nil, err
	}
	if kind == Stocktake {
		return func(_ *inventory.Pod, c *inventory.Container) (image.Image, bool, bool) { return c.Image, true, true }, nil
	}
	names, known := newNamer(&o), map[image.Image]image.Image{}
	return func(p *inventory.Pod, c *inventory.Container) (image.Image, bool, bool) {
		img, seen := known[c.Image]
		if !seen {
			img = names.view(kind, &c.Image)
			known[c.Image] = img
		}
		return img, everywhere(kind, p, c), img.Written != ""
	}, nil
}

// everywhere reports whether every program names a container in bodies of a kind.
func everywhere(kind Kind, p *inventory.Pod, c *inventory.Container) bool {
	created := kind == KAI || c.ID != ""
	return p.Phase == inventory.Running && created && c.Kind != inventory.Volume && c.Kind != inventory.Ephemeral
}

// view is the image as it would be read from a body; without text if it would not be
// in there.
func (n namer) view(kind Kind, img *image.Image) image.Image {
	name, left := n.name(img)
	if left != "" {
		return image.Image{}
	}
	seen := n.imageOf(kind, name.String(), name.digest)
	seen.SpecDigest, seen.StatusDigest = img.SpecDigest, img.StatusDigest
	seen.Flags |= img.Flags & (image.TagImplied | image.NoTag | image.OldStatus)
	return seen
}

// anchore names the image of a container in bodies of that kind, which have room only
// for containers that were created.
func (n namer) anchore(c *inventory.Container) (imageName, Reason) {
	name, reason := n.name(&c.Image)
	switch {
	case c.Kind == inventory.Volume:
		reason = ImageVolume
	case c.ID == "":
		reason = ContainerWithoutID
	}
	return name, reason
}
