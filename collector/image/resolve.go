package image

import (
	"cmp"
	"errors"
	"strings"
)

// Resolve decides what three strings of a container that runs say, of which the
// runtime is not known: spec.image, status.image and status.imageID.
func Resolve(spec, statusImage, imageID string) Image {
	return Facts{Spec: spec, Status: statusImage, ImageID: imageID}.Resolve()
}

// Resolve decides what the facts say. The package comment explains the rules.
// Resolve never fails; doubts are in Image.Flags.
func (f Facts) Resolve() Image {
	var img Image
	f.ImageID = trimScheme(f.ImageID)
	img.takeName(f.Spec, f.Status)
	if f.ImageID != "" && img.isOf(&f) {
		img.takeImageID(&f)
	}
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

// takeImageID is rule 3, for an imageID without its prefix.
func (i *Image) takeImageID(f *Facts) {
	if id, ok := configID(f.ImageID); ok {
		i.ConfigID = id
		i.takeStatusName(f)
		return
	}
	name, digest, _ := strings.Cut(f.ImageID, "@")
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
	i.takeRepository(f, observed)
}

// parseObserved saves the parser a second run in the usual case, in which the
// runtime reports the repository that the spec names.
func (i *Image) parseObserved(name string) (Ref, error) {
	if i.Ref.isNamed(name) {
		return i.Ref, nil
	}

	return parse(name)
}

// takeRepository is rule 5.
func (i *Image) takeRepository(f *Facts, observed Ref) {
	if isImport(observed) {
		i.Flags |= LocalImport
	}
	if i.Ref.sameRepository(observed) {
		return
	}
	if i.isResolved(f, observed) {
		i.Ref.Registry, i.Ref.Repository = observed.Registry, observed.Repository
		i.Flags |= ShortNameResolved
		return
	}
	if f.Runtime == AnyRuntime && i.mayResolveTo(f, observed) {
		i.Flags |= UnknownRuntime
	}
	i.DigestRepository = observed.Name()
	i.Flags |= ForeignDigest
}

// chooseDigest is rule 4.
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
