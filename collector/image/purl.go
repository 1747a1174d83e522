package image

import (
	"path"

	"github.com/package-url/packageurl-go"
)

// PURL returns the image's package URL of type oci, or nothing for an image without
// a name. The architecture is the node's, in the spelling of GOARCH; it and all
// else that is not known are left out, and so is a tag that nobody wrote.
//
// The type's qualifiers are fixed, sorted by name, and have none for an operating
// system: https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
func (i Image) PURL(arch string) string {
	if i.Ref.Repository == "" {
		return ""
	}
	qualifiers := packageurl.Qualifiers{{Key: "repository_url", Value: i.Ref.Name()}}
	if arch != "" {
		qualifiers = append(qualifiers, packageurl.Qualifier{Key: "arch", Value: arch})
	}
	if i.Ref.Tag != "" && !i.Ref.TagImplied {
		qualifiers = append(qualifiers, packageurl.Qualifier{Key: "tag", Value: i.Ref.Tag})
	}

	return packageurl.NewPackageURL(packageurl.TypeOCI, "", path.Base(i.Ref.Repository), i.Ref.Digest, qualifiers, "").ToString()
}
