package saved

import (
	"errors"
	"strings"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// View tells how a container looks in bodies of a kind.
type View func(*inventory.Pod, *inventory.Container) (img image.Image, sure, counts bool)

// ViewOf returns how containers look in bodies of a kind under these settings: the
// image that Load would read there with all its digests, and false for one that has no
// name there. Whether it is in there at all is sure only for containers that every
// program names, whatever its settings. By it inventories of different kinds can be
// compared.
func ViewOf(kind payload.Kind, o payload.Options) (View, error) {
	naming, err := o.Naming()
	if err != nil {
		return nil, err
	}
	inserted, err := o.Inserted()
	if err != nil {
		return nil, err
	}
	if _, err := schemaOf(kind); err != nil {
		return nil, err
	}
	if kind == payload.Stocktake {
		return func(_ *inventory.Pod, c *inventory.Container) (image.Image, bool, bool) { return c.Image, true, true }, nil
	}
	known := map[image.Image]image.Image{}
	return func(p *inventory.Pod, c *inventory.Container) (image.Image, bool, bool) {
		img, seen := known[c.Image]
		if !seen {
			if name, reported := naming(c.Image); reported {
				img = readAs(imageOf(kind, name, c.Image.Digest(), inserted), &c.Image)
			}
			known[c.Image] = img
		}
		return img, everywhere(kind, p, c), img.Written != ""
	}, nil
}

// everywhere reports whether every program names a container in bodies of a kind.
func everywhere(kind payload.Kind, p *inventory.Pod, c *inventory.Container) bool {
	created := kind == payload.KAI || c.ID != ""
	return p.Phase == inventory.Running && created && c.Kind != inventory.Volume && c.Kind != inventory.Ephemeral
}

// readAs returns an image as it is read from a body, with what else is known of it.
func readAs(read image.Image, img *image.Image) image.Image {
	read.SpecDigest, read.StatusDigest = img.SpecDigest, img.StatusDigest
	read.Flags |= img.Flags & (image.TagImplied | image.NoTag | image.OldStatus)
	return read
}

// imageOf makes an image of what a body for Anchore says of one: a name, which has a
// tag, and perhaps a digest. It takes back what was done to names: a tag that is
// the digest, or the one that was inserted beside a digest, was never written.
// Nor was what other programs put there: Anchore's collector leaves the tag empty where
// it knows no digest, and KAI takes the first thing behind a colon for the tag, which
// may be the config id of status.image.
func imageOf(kind payload.Kind, name, digest, inserted string) image.Image {
	if bare, empty := strings.CutSuffix(name, ":"); empty && digest == "" {
		return tagless(name, bare)
	}
	img := image.Resolve(name, "", "")
	byID := kind == payload.KAI && img.HasTag() && isConfigID(img.Ref.Tag)
	switch {
	case digest == "" && byID:
		return tagless(name, strings.TrimSuffix(name, ":"+img.Ref.Tag))
	case digest == "":
		return img
	}
	pinned, err := image.Parse("x@" + digest)
	if err != nil {
		img.Flags |= image.UnknownImageID
		return img
	}
	_, hex, _ := strings.Cut(digest, ":")
	if tag := img.Ref.Tag; img.HasTag() && (tag == hex || tag == inserted) {
		return image.Resolve(strings.TrimSuffix(name, ":"+tag)+"@"+digest, "", "")
	}
	if byID {
		img = tagless(name, strings.TrimSuffix(name, ":"+img.Ref.Tag))
	}
	img.StatusDigest, img.Ref.Digest, img.DigestSource = digest, pinned.Digest, image.SourceStatus
	return img
}

// tagless is an image of which a body gives the bare name, and no tag that anybody
// wrote. What it is called in the body stays known, for it was reported by that.
func tagless(name, bare string) image.Image {
	img := image.Resolve(bare, "", "")
	if img.Flags.Has(image.Invalid) {
		return img
	}
	img.Written, img.Ref.Tag, img.Ref.TagImplied = name, "", false
	img.Flags = img.Flags&^image.TagImplied | image.NoTag
	return img
}

// isConfigID reports whether a tag is a hash: 64 hex digits, of a sha256.
func isConfigID(tag string) bool {
	_, err := image.Parse("sha256:" + tag)
	return errors.Is(err, image.ErrConfigID)
}
