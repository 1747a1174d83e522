package report

import (
	"slices"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// Filter says what to show of a stock. The zero Filter shows everything.
type Filter struct {
	WithoutDigest bool // only images whose digest is unknown
}

func (f Filter) shows(e *imageEntry) bool { return !f.WithoutDigest || e.undigested() }

// imageKey is what tells images apart. The config id counts only where no digest
// is known, and the written text only where it has no name.
type imageKey struct {
	registry, repository, tag, digest, configID, written string
}

type imageEntry struct {
	imageKey
	implied, invalid bool
	ever, always     image.Flag // remarks of some container, and of all
	digestRepository string
	seen             *SeenSpan // nil unless it was looked up
}

// podEntry is a pod. Numbers are those of the lists of names.
type podEntry struct {
	namespace, workload, node int32
	life                      life
	named                     bool // a pod; otherwise what is known of a namespace without its pods
}

// life is what the phase says about whether the images of a pod run.
type life uint8

const (
	unknown life = iota
	running
	idle
)

// use is a container.
type use struct {
	image, pod int32
	kind       uint8 // place in kinds
}

func (e *imageEntry) name() string {
	if e.repository == "" {
		return ""
	}

	return e.registry + "/" + e.repository
}

func (e *imageEntry) reference() string {
	s := e.name()
	if s == "" {
		return e.written
	}
	if e.tag != "" {
		s += ":" + e.tag
	}
	if !e.undigested() {
		s += "@" + e.digest
	}

	return s
}

// undigested reports whether there is no digest that a registry knows.
func (e *imageEntry) undigested() bool { return e.digest == "" || e.imported() }

// imported reports whether every node has the image from an archive.
func (e *imageEntry) imported() bool { return e.always.Has(image.LocalImport) }

// elsewhere is the repository that has the digest, if no node has it from the image's.
func (e *imageEntry) elsewhere() string {
	if e.imported() || !e.always.Has(image.ForeignDigest) {
		return ""
	}

	return e.digestRepository
}

// remarksOn returns the flags of an image. Where its digest comes from matters only if
// the node reported it: a pinned one is that of the repository that was written.
func remarksOn(img *image.Image) image.Flag {
	if img.SpecDigest != "" {
		return img.Flags &^ (image.LocalImport | image.ForeignDigest)
	}

	return img.Flags
}

func keyOf(img *image.Image) imageKey {
	key := imageKey{registry: img.Ref.Registry, repository: img.Ref.Repository, tag: img.Ref.Tag, digest: img.Digest()}
	if key.repository == "" {
		key = imageKey{written: img.Written, digest: key.digest}
	}
	if key.digest == "" {
		key.configID = img.ConfigID
	}

	return key
}

func lifeOf(phase inventory.Phase) life {
	switch phase {
	case "":
		return unknown
	case inventory.Running:
		return running
	default:
		return idle
	}
}

// workload names what runs a pod as kubectl would, "Deployment/web". A pod that
// nothing controls is its own; so is a static pod, whose owner is only its node.
func workload(pod *inventory.Pod) string {
	top := pod.Workload
	switch {
	case pod.Name == "":
		return ""
	case top.Kind == "" || top.Kind == "Node":
		return "Pod/" + pod.Name
	}

	return top.Kind + "/" + top.Name
}

// kinds are the places in a pod, in the order in which they are listed. The last
// is for those yet unknown.
var kinds = [...]inventory.Kind{
	inventory.Regular, inventory.Init, inventory.Sidecar, inventory.Ephemeral, inventory.Volume, "",
}

const maxKinds = len(kinds)

func kindNumber(kind inventory.Kind) uint8 {
	if i := slices.Index(kinds[:], kind); i >= 0 {
		return uint8(i) //nolint:gosec // there are six
	}

	return uint8(maxKinds - 1)
}

func kindsOf(seen *[maxKinds]bool) []inventory.Kind {
	list := []inventory.Kind{}
	for i, kind := range kinds {
		if seen[i] && kind != "" {
			list = append(list, kind)
		}
	}

	return list
}
