package compare

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// tagged is an image whose content may change.
type tagged struct {
	name string // canonical; the text as it was written, where that is no reference
	tag  string // empty for one that is known by its digest alone
	// digest is that of an image without a tag, which is another image with another
	// digest.
	digest string
}

// uses is what the containers of a namespace say of an image.
type uses struct {
	contents map[content]*content // none if every container waits
	sure     bool                 // one of them is such that every program names it
	tagged   bool                 // one of them has the tag from somebody who wrote it
	stale    bool                 // one of them still has the status of another image
	odd      bool                 // no valid reference
	places   []place
	steady   bool            // one of them is in a pod that is always started again
	first    bool            // one of them is the first of its pod
	after    map[tagged]bool // the first containers of the pods of the others
}

// place is a container of a pod. There may be hundreds of thousands, so that
// their UIDs and names are kept as hashes.
type place struct{ pod, container uint64 }

func keyOf(img *image.Image) tagged {
	key := tagged{name: img.Ref.Name(), tag: img.Ref.Tag}
	switch {
	case key.name == "":
		return tagged{name: img.Written}
	case key.tag == "":
		key.digest = img.Digest()
	}
	return key
}

// stand notes where in its pod a container stands.
func (u *uses) stand(p *inventory.Pod, at int, key tagged, first *tagged) {
	u.steady = u.steady || steady(p)
	switch {
	case p.UID == "":
	case at == 0:
		u.first, *first = true, key
	case *first != tagged{}:
		u.after[*first] = true
	}
}

func (u *uses) add(c content) *content {
	found := u.contents[c]
	if found == nil {
		found = &c
		u.contents[c] = found
	}
	return found
}

// hash keeps eight bytes of a text: two of a million texts share them with a chance of
// one to thirty million.
func hash(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
}

// known are the digests, then the config ids of what has none.
func (u *uses) known() []string {
	var digests, configs []string
	for c := range u.contents {
		if c.digest != "" {
			digests = append(digests, c.digest)
		} else if c.config != "" {
			configs = append(configs, configMark+c.config)
		}
	}
	slices.Sort(digests)
	slices.Sort(configs)
	return append(append([]string{}, slices.Compact(digests)...), slices.Compact(configs)...)
}

// configMark tells a config id from a digest.
const configMark = "config "

// nothingKnown reports whether neither a digest nor a config id is known.
func (u *uses) nothingKnown() bool {
	for each := range u.contents {
		if each.digest != "" || each.config != "" {
			return false
		}
	}
	return true
}

// hasDigest reports whether a digest is known: without one a container may only wait.
func (u *uses) hasDigest() bool {
	for each := range u.contents {
		if each.digest != "" {
			return true
		}
	}
	return false
}

// beside reports whether a container is always a further one of a pod of which the other
// inventory knows the first: ephemeral containers are.
func (u *uses) beside(others map[tagged]*uses) bool {
	if u.first || len(u.after) == 0 {
		return false
	}
	for key := range u.after {
		if others[key] == nil {
			return false
		}
	}
	return true
}

// steady reports whether a pod has a label of those that are always started again: of
// Deployments, StatefulSets and DaemonSets. What was started there still runs.
func steady(p *inventory.Pod) bool {
	return slices.ContainsFunc(p.Labels, func(l inventory.Label) bool {
		return l.Key == "pod-template-hash" || l.Key == "controller-revision-hash"
	})
}
