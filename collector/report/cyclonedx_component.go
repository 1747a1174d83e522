package report

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"stocktake/collector/image"
)

// component is one image. Its name is the full one with the registry, its version
// what people know it by: the tag, or failing that the digest.
func component(line *Line) cdx.Component {
	return cdx.Component{
		BOMRef:     ref(line),
		Type:       cdx.ComponentTypeContainer,
		Name:       cmp.Or(shortened(legible(cmp.Or(line.Name, line.Reference)), maxName), "unnamed"),
		Version:    cmp.Or(line.Tag, line.Digest),
		Hashes:     hashes(line.Digest),
		PackageURL: packageURL(line, ""),
		Properties: uses(line),
	}
}

// ref is what the document calls the image. It is the same in every document, so
// that two can be compared, and no other image's: what tells lines apart is in it.
func ref(line *Line) string {
	s := "image:" + line.Reference
	if line.ConfigID != "" {
		s += "#" + line.ConfigID
	}
	if line.Has(LocalImport) {
		s += "#" + line.Digest
	}
	return legible(s)
}

// legible escapes a text with control characters, which Dependency-Track refuses,
// or that is no UTF-8, which JSON cannot hold: bytes that are none would all become
// the same replacement, and different images one.
func legible(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	return strconv.Quote(s)
}

// Dependency-Track keeps no more characters of a name and of a property.
const (
	maxName  = 255
	maxValue = 1024
)

func shortened(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}

// packageURL has no digest of an image that was loaded onto its node from an archive:
// the repository that it names does not have it.
func packageURL(line *Line, arch string) string {
	repository, found := strings.CutPrefix(line.Name, line.Registry+"/")
	if !found {
		return ""
	}
	digest := line.Digest
	if line.Has(LocalImport) {
		digest = ""
	}
	return image.Image{Ref: image.Ref{
		Registry: line.Registry, Repository: repository, Tag: line.Tag, Digest: digest,
		TagImplied: line.Has(ImpliedLatest),
	}}.PURL(arch)
}

// hashes is the digest in CycloneDX' form, which knows all algorithms that
// registries do (OCI image-spec, descriptor: registered algorithms; sha384 by
// what runtimes use).
func hashes(digest string) *[]cdx.Hash {
	algorithm, hex, _ := strings.Cut(digest, ":")
	switch algorithm {
	case "sha256":
		return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex}}
	case "sha384":
		return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA384, Value: hex}}
	case "sha512":
		return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA512, Value: hex}}
	}
	return nil
}

// uses says where and how the image is used. Nodes are counted: an image of a
// DaemonSet would name every machine there is.
func uses(line *Line) *[]cdx.Property {
	var p properties
	for _, namespace := range line.Namespaces {
		p.add("namespace", namespace)
	}
	for _, workload := range line.Workloads {
		p.add("workload", workload)
	}
	for _, platform := range line.Platforms {
		p.add("platform", platform)
	}
	for _, kind := range line.Kinds {
		p.add("kind", string(kind))
	}
	for _, flag := range line.Flags {
		p.add("flag", string(flag))
	}
	p.add("config-id", line.ConfigID)
	p.add("digest-repository", line.DigestRepository)
	p.count("nodes", len(line.Nodes))
	p.count("pods", line.Pods)
	p.count("pods-running", line.Running)
	p.count("containers", line.Containers)
	return p.list()
}

// properties are names in the namespace "stocktake:", with a value. One without
// a value is unknown, and left out.
type properties []cdx.Property

func (p *properties) add(name, value string) {
	if value == "" {
		return
	}
	*p = append(*p, cdx.Property{Name: "stocktake:" + name, Value: shortened(legible(value), maxValue)})
}

func (p *properties) count(name string, n int) { p.add(name, strconv.Itoa(n)) }

// list returns them for the document, in which an empty list has no place.
func (p *properties) list() *[]cdx.Property {
	if len(*p) == 0 {
		return nil
	}
	return (*[]cdx.Property)(p)
}

// identity is what Dependency-Track and others take components for one by. What they
// take for one they keep once.
type identity struct{ name, version, purl string }

func identityOf(c *cdx.Component) identity { return identity{c.Name, c.Version, c.PackageURL} }

// tellApart gives each component an identity of its own, and changes no other. Images
// without a digest can have the same name and tag: those of two platforms differ by
// the architecture in the package URL, and if it is of no help by their hash.
func tellApart(components []cdx.Component, lines []Line) {
	alike := byIdentity(components)
	for i := range components {
		if c := &components[i]; alike[identityOf(c)] > 1 && c.PackageURL != "" {
			c.PackageURL = packageURL(&lines[i], architecture(&lines[i]))
		}
	}
	alike = byIdentity(components)
	for i := range components {
		c, hash := &components[i], cmp.Or(lines[i].ConfigID, lines[i].Digest)
		if alike[identityOf(c)] > 1 && hash != "" && c.Version != hash {
			c.Version = strings.TrimPrefix(c.Version+"+"+hash, "+")
		}
	}
}

func byIdentity(components []cdx.Component) map[identity]int {
	alike := make(map[identity]int, len(components))
	for i := range components {
		alike[identityOf(&components[i])]++
	}
	return alike
}

// architecture is that of the image's nodes, if it is one.
func architecture(line *Line) string {
	one := ""
	for _, platform := range line.Platforms {
		_, rest, _ := strings.Cut(platform, "/")
		arch, _, _ := strings.Cut(rest, "/")
		if one != "" && one != arch {
			return ""
		}
		one = arch
	}
	return one
}
