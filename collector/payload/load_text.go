package payload

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// interner keeps one copy of texts that come again and again.
type interner map[string]string

func (i interner) text(s string) string {
	kept, known := i[s]
	if !known {
		i[s], kept = s, s
	}
	return kept
}

// labels does the same for the texts of labels.
func (i interner) labels(all []inventory.Label) {
	for n := range all {
		all[n].Key, all[n].Value = i.text(all[n].Key), i.text(all[n].Value)
	}
}

// labelList reads labels and annotations in the order in which they are written.
type labelList []inventory.Label

// UnmarshalJSON implements json.Unmarshaler.
func (l *labelList) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		value, err := d.Token()
		if err != nil {
			return err
		}
		label := inventory.Label{}
		label.Key, _ = key.(string)
		label.Value, _ = value.(string)
		*l = append(*l, label)
	}
	return nil
}

// imageOf makes an image of what a body for Anchore says of one: a name, which has a
// tag, and perhaps a digest. It takes back what the namer does to names: a tag that is
// the digest, or the one that the policy inserts beside a digest, was never written.
// Nor was what other programs put there: Anchore's collector leaves the tag empty where
// it knows no digest, and KAI takes the first thing behind a colon for the tag, which
// may be the config id of status.image.
func (n namer) imageOf(kind Kind, name, digest string) image.Image {
	if bare, empty := strings.CutSuffix(name, ":"); empty && digest == "" {
		return tagless(name, bare)
	}
	img := image.Resolve(name, "", "")
	byID := kind == KAI && img.HasTag() && isConfigID(img.Ref.Tag)
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
	if tag := img.Ref.Tag; img.HasTag() && (tag == hex || n.policy == PolicyInsert && tag == n.tag) {
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
