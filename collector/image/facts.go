package image

import "strings"

// Facts are what a pod and its node say of the image of one container. Each text
// is empty if it is unknown.
type Facts struct {
	Spec    string // spec.image; of an image volume its reference
	Status  string // status.image
	ImageID string // status.imageID; of an image volume its imageRef
	// Runtime is that of the container, else that of its node.
	Runtime Runtime
	// Waiting says that the container waits for its image, or to be created, so
	// that the status may be that of the container before it.
	Waiting bool
}

// Runtime is what is known of the container runtime of a node, as far as images
// depend on it.
type Runtime uint8

const (
	// AnyRuntime is one of which nothing is known.
	AnyRuntime Runtime = iota
	// PlainRuntime reads a name without a registry as docker.io's and as nothing
	// else, as containerd, docker and cri-dockerd do.
	PlainRuntime
	// ResolvingRuntime looks a name without a registry up in aliases and in a list
	// of registries (containers-registries.conf), as CRI-O does.
	ResolvingRuntime
)

// crio is the scheme by which CRI-O is told: cri-o://ID, cri-o://1.34.1.
const crio = "cri-o"

// RuntimeOf returns the runtime that the scheme of a containerID or of a node's
// containerRuntimeVersion names.
func RuntimeOf(uri string) Runtime {
	scheme, _, found := strings.Cut(uri, "://")
	switch {
	case !found || scheme == "":
		return AnyRuntime
	case strings.EqualFold(scheme, crio):
		return ResolvingRuntime
	}

	return PlainRuntime
}
