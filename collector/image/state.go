package image

// isOf is rule 2: whether the status is that of the image which the spec names. A
// container that waits may still have the status of the one before it, and a name
// that no runtime takes has never run.
func (i *Image) isOf(f *Facts) bool {
	switch {
	case f.Spec == "", f.Spec == f.Status:
		return true
	case i.Flags.Has(Invalid):
	case !f.Waiting, i.isDescribedBy(f):
		return true
	}
	i.Flags |= OldStatus

	return false
}

// isDescribedBy reports whether the status names the written image: by the digest
// that is pinned, else by repository and tag. CRI-O may have completed the name,
// but an alias proves nothing here: the old image may have the same tag.
func (i *Image) isDescribedBy(f *Facts) bool {
	id, isID := configID(f.ImageID)
	status, err := parse(f.Status)
	switch {
	case i.Flags.Has(NamedByID):
		return id == i.ConfigID
	case i.SpecDigest != "" && (!isID || status.Digest != ""):
		return i.isAskedFor(status, f.ImageID)
	case err != nil || status.Tag != i.Ref.Tag:
		return false
	}

	return status.sameRepository(i.Ref) || f.Runtime == ResolvingRuntime && i.isShort() && i.isEndOf(status)
}
