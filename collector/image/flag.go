package image

import (
	"slices"
	"strings"
)

// Flag is a set of remarks about an Image. The words that stand for the flags are
// part of the native inventory's format: they are added to, never changed.
type Flag uint16

const (
	// Invalid says that the written text is empty or no reference. A pod with
	// such an image never runs; kubelet reports InvalidImageName.
	Invalid Flag = 1 << iota
	// NamedByID says that the text is a config id where a name should be.
	NamedByID
	// NameFromStatus says that the spec had no text, and status.image was used.
	NameFromStatus
	// TagImplied says that neither tag nor digest was written, so that the
	// runtime pulled "latest".
	TagImplied
	// NoTag says that a digest and no tag was written; no tag is implied then.
	NoTag
	// ShortNameResolved says that the registry and repository were adopted from
	// the status, because the spec named no registry and CRI-O chose one.
	ShortNameResolved
	// DigestMismatch says that the written and the observed digest differ.
	DigestMismatch
	// ForeignDigest says that the digest in imageID belongs to another repository
	// than the name, and may not exist in the name's.
	ForeignDigest
	// LocalImport says that the image was loaded into the node from an archive;
	// its observed digest can be pulled from nowhere.
	LocalImport
	// ConfigIDOnly says that a config id is known, and no digest.
	ConfigIDOnly
	// UnknownImageID says that imageID has none of the known forms.
	UnknownImageID
	// OldStatus says that the status still describes another image, which the
	// container ran before the spec was changed. Nothing was taken from it.
	OldStatus
	// UnknownRuntime says that the spec names no registry and imageID another
	// repository, and that it is not known whether the runtime resolves short
	// names. The written name stands.
	UnknownRuntime
)

// Has reports whether all of the given flags are set.
func (f Flag) Has(flags Flag) bool {
	return f&flags == flags
}

// words stand for the flags, in the order of their bits.
var words = [...]string{
	"invalid",
	"named-by-id",
	"name-from-status",
	"tag-implied",
	"no-tag",
	"short-name-resolved",
	"digest-mismatch",
	"foreign-digest",
	"local-import",
	"config-id-only",
	"unknown-image-id",
	"old-status",
	"unknown-runtime",
}

// Names returns the words of the set flags, always in the same order.
func (f Flag) Names() []string {
	var names []string
	for bit, word := range words {
		if f.Has(1 << bit) {
			names = append(names, word)
		}
	}

	return names
}

// FlagsNamed returns the flags that the words stand for. Words of a later version,
// which are not known, stand for none.
func FlagsNamed(names []string) Flag {
	var f Flag
	for bit, word := range words {
		if slices.Contains(names, word) {
			f |= 1 << bit
		}
	}

	return f
}

// String returns the words of the set flags, joined with commas.
func (f Flag) String() string {
	return strings.Join(f.Names(), ",")
}
