package image

import (
	"net/url"
	"path"
	"strings"
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

	var b strings.Builder
	b.WriteString("pkg:oci/" + path.Base(i.Ref.Repository))
	if i.Ref.Digest != "" {
		b.WriteString("@" + percentEncode(i.Ref.Digest))
	}
	b.WriteByte('?')
	if arch != "" {
		b.WriteString("arch=" + percentEncode(arch) + "&")
	}
	b.WriteString("repository_url=" + percentEncode(i.Ref.Name()))
	if i.Ref.Tag != "" && !i.Ref.TagImplied {
		b.WriteString("&tag=" + percentEncode(i.Ref.Tag))
	}

	return b.String()
}

// percentEncode escapes all but letters, digits and -._~, and a space as %20.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
