package payload

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"stocktake/collector/image"
)

// Bounds of the text of images that is kept for the whole run to tell them from others, in bytes: of one, and of all.
// No reference that can be pulled is longer, and ten thousand images have a few megabytes of it; whoever may create pods
// may write a megabyte into each. Of what is beyond a hash is kept.
const (
	maxKept    = 1024
	maxAllKept = 8 << 20
)

// budget is what is left for text. Once an image did not fit it is spent: each image that is new from then on goes by its
// hash, so that none has two keys.
type budget struct {
	used  int
	spent bool
}

// take says whether a new image of so many bytes is kept as it is.
func (b *budget) take(length int) bool {
	if length > maxKept {
		return false
	}
	b.spent = b.spent || b.used+length > maxAllKept
	if !b.spent {
		b.used += length
	}
	return !b.spent
}

// hashedDigest is the digest of keys that are made of a hash. No image has it.
const hashedDigest = "hashed"

// length is that of the text.
func (n imageName) length() int {
	return len(n.registry) + len(n.name) + len(n.tag) + len(n.digest)
}

// hashed is a key in place of the image.
func (n imageName) hashed() imageName {
	hash := hashOf(n.registry, n.name, n.tag, n.digest)
	return imageName{name: string(hash[:]), digest: hashedDigest}
}

// lengthOf is the length of all text that is known of an image.
func lengthOf(img *image.Image) int {
	r := &img.Ref
	return len(img.Written) + len(img.Observed) + len(r.Registry) + len(r.Repository) + len(r.Tag) + len(r.Digest) +
		len(img.SpecDigest) + len(img.StatusDigest) + len(img.DigestRepository) + len(img.ConfigID)
}

// hashOfImage is the key of an image whose text is not kept.
func hashOfImage(img *image.Image) [sha256.Size]byte {
	r := &img.Ref
	return hashOf(img.Written, img.Observed, r.Registry, r.Repository, r.Tag, r.Digest, strconv.FormatBool(r.TagImplied),
		img.SpecDigest, img.StatusDigest, string(img.DigestSource), img.DigestRepository, img.ConfigID, strconv.FormatUint(uint64(img.Flags), 10))
}

// hashOf is the SHA-256 of several strings, each after its length.
func hashOf(parts ...string) (hash [sha256.Size]byte) {
	h := sha256.New()
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	h.Sum(hash[:0])
	return hash
}
