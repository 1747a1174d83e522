package payload

import (
	"fmt"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// View returns how containers look in bodies of a kind under these settings: the
// image that Load would read there, or false for one that is left out. By it
// inventories of different kinds can be compared.
func (o Options) View(kind Kind) (func(*inventory.Pod, *inventory.Container) (image.Image, bool), error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	v := view{options: o, names: newNamer(&o), known: map[image.Image]image.Image{}}
	switch kind {
	case Stocktake:
		return func(_ *inventory.Pod, c *inventory.Container) (image.Image, bool) { return c.Image, true }, nil
	case Anchore:
		return func(p *inventory.Pod, c *inventory.Container) (image.Image, bool) {
			return v.of(p, c, v.names.anchore)
		}, nil
	case KAI:
		return func(p *inventory.Pod, c *inventory.Container) (image.Image, bool) {
			return v.of(p, c, func(c *inventory.Container) (imageName, Reason) { return v.names.name(&c.Image) })
		}, nil
	}
	return nil, fmt.Errorf("no body is of the kind %q", kind)
}

// view remembers what images look like.
type view struct {
	options Options
	names   namer
	known   map[image.Image]image.Image
}

func (v *view) of(p *inventory.Pod, c *inventory.Container, name func(*inventory.Container) (imageName, Reason)) (image.Image, bool) {
	if v.options.IgnoreNotRunning && p.Phase != inventory.Running {
		return image.Image{}, false
	}
	reported, left := name(c)
	if left != "" {
		return image.Image{}, false
	}
	img, known := v.known[c.Image]
	if !known {
		img = v.names.imageOf(reported.String(), reported.digest)
		v.known[c.Image] = img
	}
	return img, true
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
