package image_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/package-url/packageurl-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
)

// parts are those of a package URL, as the standard's tests write them.
type parts struct {
	Type, Name, Version string
	Qualifiers          map[string]string
}

// TestPURLsOfTheStandard builds and parses what the standard has for the type oci
// (package-url/purl-spec 16f3d0e, tests/types/oci-test.json).
func TestPURLsOfTheStandard(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/purl-oci-test.json")
	require.NoError(t, err)
	var file struct {
		Tests []struct {
			Description string
			Type        string          `json:"test_type"`
			Input       json.RawMessage `json:"input"`
			Output      json.RawMessage `json:"expected_output"`
		}
	}
	require.NoError(t, json.Unmarshal(text, &file))
	require.Len(t, file.Tests, 12)
	read := func(raw json.RawMessage) (p parts, s string) {
		if json.Unmarshal(raw, &s) != nil {
			require.NoError(t, json.Unmarshal(raw, &p))
		}
		return p, s
	}
	for _, test := range file.Tests {
		in, purl := read(test.Input)
		want, wanted := read(test.Output)
		switch test.Type {
		case "build":
			assert.Equal(t, wanted, build(in), test.Description)
		case "parse", "validate":
			got, err := packageurl.FromString(purl)
			require.NoError(t, err, test.Description)
			if test.Type == "validate" {
				assert.Equal(t, wanted, got.ToString(), test.Description)
				continue
			}
			assert.Equal(t, want, parts{got.Type, got.Name, got.Version, got.Qualifiers.Map()}, test.Description)
		default:
			assert.Fail(t, "a test of an unknown type", test.Type)
		}
	}
}

// build makes the package URL of an image; of what has no repository there is none, and
// only the library can make it.
func build(p parts) string {
	registry, repository, found := strings.Cut(p.Qualifiers["repository_url"], "/")
	if !found {
		return packageurl.NewPackageURL(p.Type, "", p.Name, p.Version, packageurl.QualifiersFromMap(p.Qualifiers), "").ToString()
	}
	return image.Image{Ref: image.Ref{Registry: registry, Repository: repository, Tag: p.Qualifiers["tag"], Digest: p.Version}}.PURL(p.Qualifiers["arch"])
}
