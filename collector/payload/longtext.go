package payload

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"stocktake/collector/image"
)

// maxKept is how many bytes of the text of an image are kept for the whole run to
// tell it from others. No reference that can be pulled is longer; whoever may create
// pods may write a megabyte into each. Of longer text a hash is kept.
const maxKept = 1024

// The marks of keys that are made of a hash. No image has them.
const (
	hashedDigest              = "hashed"
	hashedSource image.Source = "hashed"
)

// key is what the image is told from others by.
func (n imageName) key() imageName {
	if len(n.registry)+len(n.name)+len(n.tag)+len(n.digest) <= maxKept {
		return n
	}
	return imageName{name: hashOf(n.registry, n.name, n.tag, n.digest), digest: hashedDigest}
}

// keyOf does the same for all that is known of an image.
func keyOf(img *image.Image) (key image.Image, long bool) {
	r := &img.Ref
	length := len(img.Written) + len(img.Observed) + len(r.Registry) + len(r.Repository) + len(r.Tag) + len(r.Digest) +
		len(img.SpecDigest) + len(img.StatusDigest) + len(img.DigestRepository) + len(img.ConfigID)
	if length <= maxKept {
		return *img, false
	}
	hash := hashOf(img.Written, img.Observed, r.Registry, r.Repository, r.Tag, r.Digest, strconv.FormatBool(r.TagImplied),
		img.SpecDigest, img.StatusDigest, string(img.DigestSource), img.DigestRepository, img.ConfigID, strconv.FormatUint(uint64(img.Flags), 10))
	return image.Image{Written: hash, DigestSource: hashedSource}, true
}

// hashOf is the SHA-256 of several strings, each after its length.
func hashOf(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return string(h.Sum(nil))
}

// store compresses the text of the long images that are new.
func (l *imageList) store(p *press) error {
	if l == nil {
		return nil
	}
	for _, t := range l.toStore {
		if err := p.seal(t); err != nil {
			return err
		}
		t.tail = nil // as long as the text was
	}
	l.toStore = l.toStore[:0]
	return nil
}
