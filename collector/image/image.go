package image

import "strings"

// Source says where a published digest was found.
type Source string

const (
	// SourceNone means that no digest is known.
	SourceNone Source = "none"
	// SourceSpec means that the digest is pinned in the spec and the status does
	// not confirm it.
	SourceSpec Source = "spec"
	// SourceStatus means that the runtime reported the digest.
	SourceStatus Source = "status"
	// SourceBoth means that the spec pins what the runtime reported.
	SourceBoth Source = "spec+status"
)

// Image is what is known of the image of one container. Images are comparable and
// serve as map keys: equal Images came from the same strings or from strings that
// say exactly the same.
type Image struct {
	// Written is the reference as the spec has it, byte for byte; status.image if
	// the flag NameFromStatus is set. It may hold any bytes at all.
	Written string
	// Observed is status.image, if it differs from Written.
	Observed string
	// Ref is the canonical name and tag, with the digest to publish. Its name is
	// empty if the flags hold Invalid or NamedByID.
	Ref Ref
	// SpecDigest is the digest that the spec pins, or empty.
	SpecDigest string
	// StatusDigest is the digest that the runtime reported, or empty: that of
	// imageID, and failing that of a status.image which serves as the name.
	StatusDigest string
	// DigestSource says where Ref.Digest was found.
	DigestSource Source
	// DigestRepository is the canonical name of the repository to which the digest
	// in imageID belongs, if that is not Ref's.
	DigestRepository string
	// ConfigID is "algorithm:hex" of the image's configuration, or empty. It is
	// not a digest: no registry knows the image by it.
	ConfigID string
	// Flags are remarks on all of the above.
	Flags Flag
}

// Digest returns the digest to publish, "algorithm:hex", or nothing.
func (i Image) Digest() string {
	return i.Ref.Digest
}

// DigestHex returns the hex digits of Digest, or nothing.
func (i Image) DigestHex() string {
	_, hex, _ := strings.Cut(i.Ref.Digest, ":")

	return hex
}

// WrittenName returns Written without a digest and otherwise unchanged: "nginx"
// stays "nginx". Anchore knows images by it. For an Invalid image that is whatever
// text was given, for a NamedByID image the id.
func (i Image) WrittenName() string {
	name, _, _ := strings.Cut(i.Written, "@")

	return name
}

// HasTag reports whether the writer gave a tag. It judges by the text, so that a
// tag can be told on an Invalid reference too, and never gets a second one.
func (i Image) HasTag() bool {
	name := i.WrittenName()

	return !i.Flags.Has(NamedByID) && len(untagged(name))+1 < len(name)
}

// untagged cuts the tag off a name that has no digest. A colon starts a tag only
// after the last slash; before it, it belongs to a port or an IPv6 address.
func untagged(name string) string {
	base := strings.LastIndexByte(name, '/') + 1
	if colon := strings.IndexByte(name[base:], ':'); colon >= 0 {
		return name[:base+colon]
	}

	return name
}
