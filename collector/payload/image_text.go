package payload

import (
	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// use is how often an image is used on a platform.
type use struct {
	platform         inventory.Platform
	settled, pending tally
}

type tally struct{ pods, containers int }

func (t *tally) add(other tally) {
	t.pods += other.pods
	t.containers += other.containers
}

// endOfFlags is how appendImageText ends.
const endOfFlags = "]"

// appendImageText appends what is known of an image without its uses, and leaves the
// object open.
func appendImageText(dst []byte, img *image.Image) []byte {
	dst = append(dst, '{')
	dst = appendMember(dst, "written", img.Written)
	dst = appendOptional(dst, "observed", img.Observed)
	dst = appendOptional(dst, "name", img.Ref.Name())
	dst = appendOptional(dst, "tag", img.Ref.Tag)
	dst = appendBool(dst, "tag_implied", img.Ref.TagImplied)
	dst = appendOptional(dst, "digest", img.Digest())
	dst = appendMember(dst, "digest_source", string(img.DigestSource))
	dst = appendOptional(dst, "spec_digest", img.SpecDigest)
	dst = appendOptional(dst, "status_digest", img.StatusDigest)
	dst = appendOptional(dst, "digest_repository", img.DigestRepository)
	dst = appendOptional(dst, "config_id", img.ConfigID)
	return appendStrings(dst, "flags", img.Flags.Names())
}

// appendUses appends the counts in all and by platform. Pods whose platform is not
// known count in all only.
func appendUses(dst []byte, uses []use) []byte {
	var sum tally
	for i := range uses {
		sum.add(uses[i].settled)
	}
	dst = appendTally(dst, sum)
	dst = append(appendKey(dst, "platforms"), '[')
	for i := range uses {
		u := &uses[i]
		if u.platform == (inventory.Platform{}) {
			continue
		}
		if dst[len(dst)-1] != '[' {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		dst = appendOptional(dst, "os", u.platform.OS)
		dst = appendOptional(dst, "arch", u.platform.Arch)
		dst = appendOptional(dst, "os_version", u.platform.Version)
		dst = append(appendTally(dst, u.settled), '}')
	}
	return append(dst, ']')
}

func appendTally(dst []byte, t tally) []byte {
	return appendInt(appendInt(dst, "pods", t.pods), "containers", t.containers)
}
