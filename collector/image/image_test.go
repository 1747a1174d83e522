package image_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/image"
)

func TestWrittenNameIsNeverNormalised(t *testing.T) {
	t.Parallel()
	tests := []struct {
		spec, name string
		hasTag     bool
	}{
		{"nginx", "nginx", false},
		{"nginx:1.27", "nginx:1.27", true},
		{"nginx:latest", "nginx:latest", true},
		{"nginx@" + digA, "nginx", false},
		{"nginx:1.27@" + digA, "nginx:1.27", true},
		{"index.docker.io/nginx", "index.docker.io/nginx", false},
		{"localhost:5000/foo", "localhost:5000/foo", false},
		{"localhost:5000/foo:1", "localhost:5000/foo:1", true},
		{"[::1]:5000/foo", "[::1]:5000/foo", false},
		{"[::1]:5000/foo:1@" + digA, "[::1]:5000/foo:1", true},
		{"reg.io/Foo/Bar:1", "reg.io/Foo/Bar:1", true},
		{"x:v1@sha256:2e50", "x:v1", true},
		{"nginx:", "nginx:", false},
		{" nginx", " nginx", false},
		{digC, digC, false},
		{hexC, hexC, false},
		{"", "", false},
	}
	for _, test := range tests {
		img := image.Resolve(test.spec, "elsewhere.io/other:9", "")
		if test.spec == "" {
			img = image.Resolve("", "", "")
		}
		assert.Equal(t, test.name, img.WrittenName(), test.spec)
		assert.Equal(t, test.hasTag, img.HasTag(), test.spec)
	}
}

func TestDigestHexDropsTheAlgorithm(t *testing.T) {
	t.Parallel()
	assert.Equal(t, hexA, image.Resolve("nginx@"+digA, "", "").DigestHex())
	assert.Empty(t, image.Resolve("nginx", "", digC).DigestHex())
}

func TestFlagNamesAreStable(t *testing.T) {
	t.Parallel()
	all := []string{
		"invalid", "named-by-id", "name-from-status", "tag-implied", "no-tag", "short-name-resolved",
		"digest-mismatch", "foreign-digest", "local-import", "config-id-only", "unknown-image-id",
		"old-status", "unknown-runtime",
	}
	assert.Equal(t, all, image.Flag(0xffff).Names())
	assert.Equal(t, all, (image.UnknownRuntime<<1 - 1).Names())
	assert.Equal(t, strings.Join(all, ","), image.Flag(0xffff).String())

	assert.Empty(t, image.Flag(0).Names())
	assert.Empty(t, image.Flag(0).String())
	assert.Equal(t, "digest-mismatch,local-import", (image.LocalImport | image.DigestMismatch).String())

	words := map[image.Flag]string{
		image.Invalid: all[0], image.NamedByID: all[1], image.NameFromStatus: all[2], image.TagImplied: all[3],
		image.NoTag: all[4], image.ShortNameResolved: all[5], image.DigestMismatch: all[6], image.ForeignDigest: all[7],
		image.LocalImport: all[8], image.ConfigIDOnly: all[9], image.UnknownImageID: all[10],
		image.OldStatus: all[11], image.UnknownRuntime: all[12],
	}
	for flag, word := range words {
		assert.Equal(t, word, flag.String())
	}
}

func TestFlagHasAllOrNot(t *testing.T) {
	t.Parallel()
	set := image.NoTag | image.ForeignDigest
	assert.True(t, set.Has(image.NoTag))
	assert.True(t, set.Has(image.NoTag|image.ForeignDigest))
	assert.False(t, set.Has(image.NoTag|image.Invalid))
}

func TestPURLEscapesAndOmits(t *testing.T) {
	t.Parallel()
	tests := []struct{ spec, imageID, arch, want string }{
		{
			"nginx:1.27", "docker.io/library/nginx@" + digA, "",
			"pkg:oci/nginx@sha256:" + hexA + "?repository_url=docker.io%2Flibrary%2Fnginx&tag=1.27",
		},
		{
			"localhost:5000/a/b:1.27@" + digA, "", "arm64",
			"pkg:oci/b@sha256:" + hexA + "?arch=arm64&repository_url=localhost:5000%2Fa%2Fb&tag=1.27",
		},
		{"nginx", "", "", "pkg:oci/nginx?repository_url=docker.io%2Flibrary%2Fnginx"},
		{"nginx:latest", digC, "", "pkg:oci/nginx?repository_url=docker.io%2Flibrary%2Fnginx&tag=latest"},
		{"nginx@" + digA, "", "", "pkg:oci/nginx@sha256:" + hexA + "?repository_url=docker.io%2Flibrary%2Fnginx"},
		{"nginx:1", "", "a b&c=d", "pkg:oci/nginx?arch=a%20b%26c%3Dd&repository_url=docker.io%2Flibrary%2Fnginx&tag=1"},
		{"Foo", "", "amd64", ""},
		{digC, "docker.io/library/nginx@" + digA, "amd64", ""},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, image.Resolve(test.spec, "", test.imageID).PURL(test.arch), test.spec)
	}
}
