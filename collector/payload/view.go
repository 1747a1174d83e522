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

// View returns how containers look in bodies of a kind under these settings: the
// image that Load would read there, or false for one that is left out. By it
// inventories of different kinds can be compared.
func (o Options) View(kind Kind) (func(*inventory.Pod, *inventory.Container) (image.Image, bool), error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	if kind == Stocktake {
		return func(_ *inventory.Pod, c *inventory.Container) (image.Image, bool) { return c.Image, true }, nil
	}
	reported, err := o.Reported(kind, Stocktake)
	if err != nil {
		return nil, err
	}
	names, known := newNamer(&o), map[kaiImage]image.Image{}
	return func(p *inventory.Pod, c *inventory.Container) (image.Image, bool) {
		name, digest, ok := reported(p, c)
		if !ok {
			return image.Image{}, false
		}
		key := kaiImage{name, digest}
		img, seen := known[key]
		if !seen {
			img = names.imageOf(kind, name, digest)
			known[key] = img
		}
		return img, true
	}, nil
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
