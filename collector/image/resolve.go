package image

import (
	"cmp"
	"errors"
	"strings"
)

// Resolve decides what the three strings of a container say: spec.image,
// status.image and status.imageID, each empty if unknown. An image volume has
// its reference for the first. The package comment explains the rules. Resolve
// never fails; doubts are in Image.Flags.
func Resolve(spec, statusImage, imageID string) Image {
	var img Image
	img.takeName(spec, statusImage)
	img.takeImageID(trimTransport(imageID))
	img.chooseDigest()

	return img
}

// takeName is rule 1. A spec is parsed as it stands: kubelet refuses a transport
// prefix there.
func (i *Image) takeName(spec, statusImage string) {
	i.Written = spec
	if spec == "" && statusImage != "" && !maybeID(statusImage) {
		i.Written = statusImage
		i.Flags |= NameFromStatus
	}
	if statusImage != i.Written {
		i.Observed = statusImage
	}

	ref, err := parse(i.Written)
	switch {
	case errors.Is(err, ErrConfigID):
		i.ConfigID, _ = configID(i.WrittenName())
		i.Flags |= NamedByID
	case err != nil:
		i.Flags |= Invalid
	default:
		i.takeRef(ref)
	}
}

func (i *Image) takeRef(ref Ref) {
	i.Ref = ref
	if i.Flags.Has(NameFromStatus) {
		i.StatusDigest = ref.Digest
	} else {
		i.SpecDigest = ref.Digest
	}
	if ref.TagImplied {
		i.Flags |= TagImplied
	}
	if ref.Tag == "" {
		i.Flags |= NoTag
	}
}

// takeImageID is rule 2, for an imageID without its prefix.
func (i *Image) takeImageID(imageID string) {
	if imageID == "" {
		return
	}
	if id, ok := configID(imageID); ok {
		i.ConfigID = id
		return
	}
	name, digest, _ := strings.Cut(imageID, "@")
	if checkDigest(digest) != nil {
		i.Flags |= UnknownImageID
		return
	}
	observed, err := i.parseObserved(name)
	if err != nil {
		i.Flags |= UnknownImageID
		return
	}
	if i.Ref.Digest != "" && i.Ref.Digest != digest {
		i.Flags |= DigestMismatch
	}
	i.StatusDigest = digest
	i.takeRepository(observed)
}

// parseObserved saves the parser a second run in the usual case, in which the
// runtime reports the repository that the spec names.
func (i *Image) parseObserved(name string) (Ref, error) {
	if i.Ref.isNamed(name) {
		return i.Ref, nil
	}

	return parse(name)
}

// takeRepository is rule 4.
func (i *Image) takeRepository(observed Ref) {
	if isImport(observed) {
		i.Flags |= LocalImport
	}
	if i.Ref.sameRepository(observed) {
		return
	}
	if i.isShortFor(observed) {
		i.Ref.Registry, i.Ref.Repository = observed.Registry, observed.Repository
		i.Flags |= ShortNameResolved
		return
	}
	i.DigestRepository = observed.Name()
	i.Flags |= ForeignDigest
}

// isShortFor reports whether the written name lacks a registry and is completed by
// the observed one. The whole written path must be found again at its end: that
// team/nginx shares a digest with quay.io/other/nginx is no reason to rename it.
func (i *Image) isShortFor(observed Ref) bool {
	short := untagged(i.WrittenName())
	path := i.Ref.Repository
	hasRegistry := short != path && "library/"+short != path
	if hasRegistry || observed.Registry == dockerHub {
		return false
	}

	return observed.Repository == short || strings.HasSuffix(observed.Repository, "/"+short)
}

// chooseDigest is rule 3.
func (i *Image) chooseDigest() {
	i.Ref.Digest = cmp.Or(i.SpecDigest, i.StatusDigest)
	i.DigestSource = i.source()
	if i.DigestSource == SourceNone && i.ConfigID != "" {
		i.Flags |= ConfigIDOnly
	}
}

func (i *Image) source() Source {
	switch {
	case i.Ref.Digest == "":
		return SourceNone
	case i.SpecDigest == i.StatusDigest:
		return SourceBoth
	case i.SpecDigest != "":
		return SourceSpec
	default:
		return SourceStatus
	}
}

// isImport recognises the name that containerd invents for an archive without
// names: import- and the day, such as import-2024-01-01.
func isImport(ref Ref) bool {
	const pattern = "dddd-dd-dd"
	day, ok := strings.CutPrefix(ref.Repository, "library/import-")
	if !ok || ref.Registry != dockerHub || len(day) != len(pattern) {
		return false
	}
	for i := range len(day) {
		isDigit := day[i] >= '0' && day[i] <= '9'
		if isDigit != (pattern[i] == 'd') || !isDigit && day[i] != '-' {
			return false
		}
	}

	return true
}
