package image

import "strings"

const (
	// maxRemembered bounds a Resolver's memory: at some 600 bytes for each entry
	// it stays near 10 MB.
	maxRemembered = 16_384
	// maxRememberedLength, in bytes, keeps hostile specs out of that memory.
	maxRememberedLength = 2 * maxLength
)

// Resolver is Resolve with a memory. A cluster runs the same few images in many
// pods, so nearly every answer is found and costs no allocation. A Resolver is not
// safe for concurrent use.
type Resolver struct {
	known map[triple]Image
}

type triple struct{ spec, statusImage, imageID string }

// NewResolver returns a Resolver that remembers nothing yet.
func NewResolver() *Resolver {
	return &Resolver{known: make(map[triple]Image)}
}

// Resolve returns what the function Resolve returns. When the memory is full it
// starts over. The strings are copied before they are kept, so that no small name
// holds on to the page of pods it was cut from.
func (r *Resolver) Resolve(spec, statusImage, imageID string) Image {
	if len(spec)+len(statusImage)+len(imageID) > maxRememberedLength {
		return Resolve(spec, statusImage, imageID)
	}
	if img, ok := r.known[triple{spec, statusImage, imageID}]; ok {
		return img
	}
	if len(r.known) >= maxRemembered {
		clear(r.known)
	}

	key := triple{strings.Clone(spec), strings.Clone(statusImage), strings.Clone(imageID)}
	img := Resolve(key.spec, key.statusImage, key.imageID)
	r.known[key] = img

	return img
}
