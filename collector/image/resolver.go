package image

import "strings"

const (
	// maxRemembered bounds a Resolver's memory: at some 600 bytes for each entry
	// it stays near 10 MB.
	maxRemembered = 16_384
	// maxRememberedLength, in bytes, keeps hostile specs out of that memory.
	maxRememberedLength = 2 * maxLength
)

// Resolver is Facts.Resolve with a memory. A cluster runs the same few images in
// many pods, so nearly every answer is found and costs no allocation. A Resolver is
// not safe for concurrent use.
type Resolver struct {
	known map[Facts]Image
}

// NewResolver returns a Resolver that remembers nothing yet.
func NewResolver() *Resolver {
	return &Resolver{known: make(map[Facts]Image)}
}

// Resolve returns what Facts.Resolve returns. When the memory is full it starts
// over. The strings are copied before they are kept, so that no small name holds on
// to the page of pods it was cut from.
func (r *Resolver) Resolve(f Facts) Image {
	if len(f.Spec)+len(f.Status)+len(f.ImageID) > maxRememberedLength {
		return f.Resolve()
	}
	if img, ok := r.known[f]; ok {
		return img
	}
	if len(r.known) >= maxRemembered {
		clear(r.known)
	}

	f.Spec, f.Status, f.ImageID = strings.Clone(f.Spec), strings.Clone(f.Status), strings.Clone(f.ImageID)
	img := f.Resolve()
	r.known[f] = img

	return img
}
