package image

import "strings"

// isShort reports whether the written name lacks a registry.
func (i *Image) isShort() bool { return isShort(i.WrittenName(), i.Ref) }

// isShort reports whether the text that a reference was read from lacks a
// registry.
func isShort(text string, ref Ref) bool {
	path := untagged(text)

	return ref.Repository != "" && (path == ref.Repository || "library/"+path == ref.Repository)
}

// isResolved reports whether the runtime has completed the written name to the
// observed one: whether it does such things, and this is one of them.
func (i *Image) isResolved(f *Facts, observed Ref) bool {
	return f.Runtime == ResolvingRuntime && i.mayResolveTo(f, observed)
}

// mayResolveTo reports whether CRI-O can have completed the written name to the
// observed one. status.image tells: it has the tag or the digest that the spec
// asks for, in the repository that CRI-O chose, whatever that is called; an alias
// may lead to another name. Where it tells nothing, the observed name must end
// like the written one and lie elsewhere than on docker.io.
func (i *Image) mayResolveTo(f *Facts, observed Ref) bool {
	if !i.isShort() {
		return false
	}
	status, ok := i.qualified(f.Status)
	if ok && status.sameRepository(i.Ref) {
		return false // it was looked for on docker.io, and found
	}
	if ok && status.sameRepository(observed) && i.isAskedFor(status, f.ImageID) {
		return true
	}

	return observed.Registry != dockerHub && i.isEndOf(observed)
}

// takeStatusName adopts the name by which CRI-O reports an image of which imageID has
// the config id alone, as after a restart (cri-o/cri-o#9925): status.image is then the
// only one to tell where a short name led.
func (i *Image) takeStatusName(f *Facts) {
	if f.Runtime != ResolvingRuntime || !i.isShort() {
		return
	}
	status, ok := i.qualified(f.Status)
	if ok && !status.sameRepository(i.Ref) && i.isAskedFor(status, f.ImageID) {
		i.Ref.Registry, i.Ref.Repository = status.Registry, status.Repository
		i.Flags |= ShortNameResolved
	}
}

// qualified reads a status.image that names a registry.
func (i *Image) qualified(statusImage string) (Ref, bool) {
	if statusImage == "" || maybeID(statusImage) {
		return Ref{}, false
	}
	ref, err := parse(statusImage)
	name, _, _ := strings.Cut(statusImage, "@")

	return ref, err == nil && !isShort(name, ref)
}

// isAskedFor reports whether a status.image has what the spec asks for: its digest,
// if it pins one, else its tag.
func (i *Image) isAskedFor(status Ref, imageID string) bool {
	if i.SpecDigest != "" {
		return status.Digest == i.SpecDigest || strings.HasSuffix(imageID, "@"+i.SpecDigest)
	}

	return status.Tag == i.Ref.Tag
}

// isEndOf reports whether the path of a name ends with the written one, which must
// be found there as a whole: that team/nginx shares a digest with
// quay.io/other/nginx is no reason to rename it.
func (i *Image) isEndOf(ref Ref) bool {
	short := untagged(i.WrittenName())

	return ref.Repository == short || strings.HasSuffix(ref.Repository, "/"+short)
}
