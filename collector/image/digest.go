package image

import (
	"errors"
	"fmt"
	"strings"
)

const (
	// configIDDigits is the length of a bare config id, which is always a sha256.
	configIDDigits = 64
	// shortIDDigits is the length to which docker shortens ids.
	shortIDDigits = 12
	// minDigestDigits is the shortest hex that the reference grammar takes for a
	// hash.
	minDigestDigits = 32
)

// ErrConfigID reports that a string is a config id where a reference should be:
// "sha256:" with 64 hex digits, or the 64 digits alone.
var ErrConfigID = errors.New("a config id is not a name")

// hexDigits returns the length of an algorithm's hash in hex digits, or 0 if the
// algorithm is not one that OCI registers and runtimes use.
func hexDigits(algorithm string) int {
	switch algorithm {
	case "sha256":
		return 64
	case "sha384":
		return 96
	case "sha512":
		return 128
	}

	return 0
}

// checkDigest returns what is wrong with a digest, if anything.
func checkDigest(digest string) error {
	algorithm, hex, ok := strings.Cut(digest, ":")
	if !ok {
		return errors.New("no algorithm")
	}
	want := hexDigits(algorithm)
	if want == 0 {
		return fmt.Errorf("unsupported algorithm %q", algorithm)
	}
	if len(hex) != want {
		return fmt.Errorf("%d digits where %s has %d", len(hex), algorithm, want)
	}
	if !isLowerHex(hex) {
		return errors.New("not lower-case hex")
	}

	return nil
}

// configID returns s as "algorithm:hex" if s is a bare hash.
func configID(s string) (string, bool) {
	if len(s) == configIDDigits && isLowerHex(s) {
		return "sha256:" + s, true
	}
	algorithm, hex, _ := strings.Cut(s, ":")
	if want := hexDigits(algorithm); want == 0 || len(hex) != want || !isLowerHex(hex) {
		return "", false
	}

	return s, true
}

// maybeID reports whether a name found in a status could be an id. Twelve hex
// digits in a spec are a name, for nobody asks for an image by its short id; in a
// status they are ambiguous, and a guess would invent a repository.
func maybeID(s string) bool {
	_, ok := configID(s)

	return ok || len(s) == shortIDDigits && isLowerHex(s)
}

// checkNotID refuses config ids, whole or damaged, which the parser would take for
// a repository called "sha256" with a long tag.
func checkNotID(name string) error {
	if _, ok := configID(name); ok {
		return ErrConfigID
	}
	algorithm, hex, _ := strings.Cut(name, ":")
	if hexDigits(algorithm) == 0 || len(hex) < minDigestDigits || !isLowerHex(strings.ToLower(hex)) {
		return nil
	}

	return fmt.Errorf("damaged config id: %w", checkDigest(name))
}

func isLowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}

	return true
}
