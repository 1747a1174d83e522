package payload

import (
	"strings"

	"stocktake/collector/image"
)

// imageName is an image as Anchore knows it: by the name that was written, which
// must have a tag, and by a digest, if one is known. It is comparable.
type imageName struct {
	name   string // as written, without a digest
	tag    string // to append to the name; empty if the name is to be reported as it is
	digest string
}

// append appends name and tag as one JSON string.
func (n imageName) append(dst []byte) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, n.name)
	if n.tag != "" {
		dst = append(dst, ':')
		dst = appendEscaped(dst, n.tag)
	}
	return append(dst, '"')
}

// namer makes names of images, under a policy for those without a tag.
type namer struct {
	policy TagPolicy
	tag    string
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

// Naming returns the rule by which images are named in bodies for Anchore: the
// name with its tag, or false when the image is left out. Lists for people name
// images by it too, so that they never disagree with what is delivered.
func (o Options) Naming() (func(image.Image) (string, bool), error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	names := namer{policy: o.TagPolicy, tag: o.Tag}
	return func(img image.Image) (string, bool) {
		n, left := names.name(&img)
		if n.tag != "" {
			n.name += ":" + n.tag
		}
		return n.name, left == ""
	}, nil
}
