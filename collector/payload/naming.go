package payload

import (
	"fmt"
	"strings"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// imageName is an image as Anchore knows it: by the name that was written, which
// must have a tag, and by a digest, if one is known. It is comparable.
type imageName struct {
	registry string // to put before the name; empty if the name is to be reported as it is
	name     string // as written, without a digest
	tag      string // to append to the name; empty likewise
	digest   string
}

// String returns registry, name and tag.
func (n imageName) String() string {
	s := n.name
	if n.registry != "" {
		s = n.registry + "/" + s
	}
	if n.tag != "" {
		s += ":" + n.tag
	}
	return s
}

// append appends the same as a JSON string, without building it.
func (n imageName) append(dst []byte) []byte {
	dst = append(dst, '"')
	if n.registry != "" {
		dst = append(appendEscaped(dst, n.registry), '/')
	}
	dst = appendEscaped(dst, n.name)
	if n.tag != "" {
		dst = append(dst, ':')
		dst = appendEscaped(dst, n.tag)
	}
	return append(dst, '"')
}

// namer makes names of images, under a policy for those without a tag and with a
// registry for those that name none.
type namer struct {
	policy   TagPolicy
	tag      string
	registry string
}

func newNamer(o *Options) namer {
	return namer{policy: o.TagPolicy, tag: o.Tag, registry: o.Registry}
}

// name returns the name to report, or the reason to leave the image out.
//
// A written tag is kept, and text that is no reference is reported as it stands,
// for a person to look at. Without tag and digest the runtime pulled "latest", so
// that is what ran. But a digest without a tag names no tag at all, and "latest"
// would be an invention: the policy decides.
func (n namer) name(img *image.Image) (imageName, Reason) {
	name := imageName{name: img.WrittenName(), digest: img.Digest()}
	switch {
	case strings.TrimSpace(img.Written) == "":
		return name, ImageBlank
	case img.Flags&(image.Invalid|image.NamedByID) != 0:
		name.name = img.Written
		return name, ""
	case n.registry != "" && !hasRegistry(name.name):
		name.registry = n.registry
	}
	return n.tagged(name, img)
}

// tagged adds a tag to the name of a valid reference that has none.
func (n namer) tagged(name imageName, img *image.Image) (imageName, Reason) {
	switch {
	case img.HasTag():
	case img.Flags.Has(image.TagImplied):
		name.tag = img.Ref.Tag
	case n.policy == PolicyDrop:
		return name, ImageWithoutTag
	case n.policy == PolicyInsert:
		name.tag = n.tag
	default:
		name.tag = img.DigestHex()
	}
	return name, ""
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

// Naming returns the rule by which images are named in bodies for Anchore: the
// name with its tag, or false when the image is left out. Lists for people name
// images by it too, so that they never disagree with what is delivered.
func (o Options) Naming() (func(image.Image) (string, bool), error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	names := newNamer(&o)
	return func(img image.Image) (string, bool) {
		name, left := names.name(&img)
		return name.String(), left == ""
	}, nil
}

// Inserted returns the tag that is reported for images with a digest and no tag, or
// nothing if the policy is another one.
func (o Options) Inserted() (string, error) {
	o, err := o.checked()
	if err != nil || o.TagPolicy != PolicyInsert {
		return "", err
	}
	return o.Tag, nil
}

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
