package report

import (
	"cmp"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

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
