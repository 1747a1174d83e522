package payload

import (
	"bytes"
	"encoding/json"
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
func (n namer) imageOf(name, digest string) image.Image {
	img := image.Resolve(name, "", "")
	if digest == "" {
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
	img.StatusDigest, img.Ref.Digest, img.DigestSource = digest, pinned.Digest, image.SourceStatus
	return img
}
