package image

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
)

const (
	dockerHub = "docker.io"
	latest    = "latest"

	// maxLength bounds what is given to the parser. The longest reference that
	// can work has a host of 253 bytes and a port (6), a path of 255, a tag of
	// 128 and a sha512 digest of 135: under 800 with the separators.
	maxLength = 1024
	// maxQuoted is how many characters of an input an error repeats.
	maxQuoted = 200
)

// Ref is an image reference in canonical form. Refs are comparable: two are equal
// exactly if they mean the same and were written with equal precision.
type Ref struct {
	// Registry is the host with its port, such as "docker.io" or "[::1]:5000".
	Registry string
	// Repository is the path within the registry, such as "library/nginx".
	Repository string
	// Tag is the tag, "latest" if TagImplied, or empty beside a lone digest.
	Tag string
	// Digest is "algorithm:hex", or empty.
	Digest string
	// TagImplied says that neither tag nor digest was written.
	TagImplied bool
}

// Parse reads a reference the way the kubelet and containerd do, and folds the
// other host names of Docker Hub into docker.io. The prefixes docker:// and
// docker-pullable://, which the kubelet puts before an imageID, are ignored, and
// so is every other scheme before a name with a digest.
// The error of a config id wraps ErrConfigID.
func Parse(s string) (Ref, error) {
	ref, err := parse(trimScheme(s))
	if err != nil {
		return Ref{}, fmt.Errorf("parse image %.*q: %w", maxQuoted, s, err)
	}

	return ref, nil
}

// Name returns registry/repository, or nothing for a Ref without a name.
func (r Ref) Name() string {
	if r.Repository == "" {
		return ""
	}

	return r.Registry + "/" + r.Repository
}

// String returns the canonical text, which Parse reads back as an equal Ref. An
// implied tag is not printed. A Ref without a name has no text.
func (r Ref) String() string {
	s := r.Name()
	if s == "" {
		return ""
	}
	if r.Tag != "" && !r.TagImplied {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest
	}

	return s
}

// isNamed reports whether name is the text of r.Name(), without building it.
func (r Ref) isNamed(name string) bool {
	path, ok := strings.CutPrefix(name, r.Registry)

	return ok && r.Repository != "" && len(path) == len(r.Repository)+1 &&
		path[0] == '/' && path[1:] == r.Repository
}

// sameRepository reports whether both refs name one repository.
func (r Ref) sameRepository(other Ref) bool {
	return r.Registry == other.Registry && r.Repository == other.Repository
}

// parse is Parse without the prefixes, and with errors that do not name the input.
// The digest is checked here rather than by the library, which knows sha384 and
// sha512 only in programs that happen to link crypto/sha512.
func parse(s string) (Ref, error) {
	if err := checkText(s); err != nil {
		return Ref{}, err
	}
	name, digest, pinned := strings.Cut(s, "@")
	if err := checkNotID(name); err != nil {
		return Ref{}, err
	}
	if pinned {
		if err := checkDigest(digest); err != nil {
			return Ref{}, fmt.Errorf("digest: %w", err)
		}
	}
	named, err := reference.ParseNormalizedNamed(foldDockerHub(name))
	if err != nil {
		return Ref{}, err
	}

	return newRef(named, digest), nil
}

// newRef also mends the one case in which the parser accepts a name and loses its
// host: in my_registry.local/foo the first part is a host by the rule of the dot,
// and a directory by the grammar, which allows no underscore in a host.
func newRef(named reference.Named, digest string) Ref {
	ref := Ref{
		Registry:   reference.Domain(named),
		Repository: reference.Path(named),
		Digest:     digest,
	}
	if ref.Registry == "" {
		ref.Registry, ref.Repository, _ = strings.Cut(ref.Repository, "/")
	}
	if tagged, ok := named.(reference.Tagged); ok {
		ref.Tag = tagged.Tag()
	}
	if ref.Tag == "" && digest == "" {
		ref.Tag, ref.TagImplied = latest, true
	}

	return ref
}

// checkText refuses what no reference can hold, before the costlier parser runs
// and before its error messages repeat the text.
func checkText(s string) error {
	if len(s) > maxLength {
		return fmt.Errorf("%d bytes are more than %d", len(s), maxLength)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return fmt.Errorf("byte 0x%02x at offset %d is not allowed", s[i], i)
		}
	}

	return nil
}

// trimScheme removes what runtimes put before an imageID: dockershim and cri-dockerd
// docker:// and docker-pullable://, others their own name before NAME@DIGEST or a
// config id. A scheme before bare hex remains, for that is a containerID.
func trimScheme(s string) string {
	scheme, rest, found := strings.Cut(s, "://")
	if !found || !isScheme(scheme) {
		return s
	}
	if scheme == "docker" || scheme == "docker-pullable" {
		return rest
	}
	at := strings.LastIndexByte(rest, '@') + 1
	if checkDigest(rest[at:]) != nil {
		return s
	}

	return rest
}

// isScheme reports whether s is a scheme by the rule of RFC 3986.
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || (s[i] < '0' || s[i] > '9') && !strings.ContainsRune("+-.", rune(s[i]))) {
			return false
		}
	}

	return s != ""
}

// foldDockerHub gives Docker Hub one name. The parser itself folds only
// index.docker.io; the others are the hosts that serve the same repositories.
func foldDockerHub(name string) string {
	host, path, ok := strings.Cut(name, "/")
	if !ok {
		return name
	}
	switch host {
	case "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com":
		return dockerHub + "/" + path
	}

	return name
}
