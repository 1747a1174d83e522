package image_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
)

func TestResolveAppliesTheRules(t *testing.T) {
	t.Parallel()
	resolver := image.NewResolver()
	for _, test := range append(runtimeCases(), hazardCases()...) {
		t.Run(test.name, func(t *testing.T) {
			got := image.Resolve(test.spec, test.status, test.imageID)
			assert.Equal(t, test.expected(), got)
			assert.Equal(t, test.want.Ref.Digest, got.Digest())
			assert.Equal(t, got, resolver.Resolve(image.Facts{Spec: test.spec, Status: test.status, ImageID: test.imageID}))
		})
	}
}

func TestResolveReadsEveryReferenceInASpec(t *testing.T) {
	t.Parallel()
	for _, test := range goodRefs() {
		if strings.Contains(test.in, "://") {
			continue
		}
		got := image.Resolve(test.in, "", "")
		assert.Equal(t, test.want, got.Ref, test.in)
		assert.Equal(t, test.want.TagImplied, got.Flags.Has(image.TagImplied), test.in)
		assert.Equal(t, test.want.Tag == "", got.Flags.Has(image.NoTag), test.in)
		assert.Equal(t, test.want.Tag != "" && !test.want.TagImplied, got.HasTag(), test.in)
	}
	for _, test := range badRefs() {
		assert.Equal(t,
			image.Image{Written: test.in, DigestSource: image.SourceNone, Flags: image.Invalid},
			image.Resolve(test.in, test.in, ""), "%.80q", test.in)
	}
}

func TestResolveTakesNoDigestFromAnUnknownImageID(t *testing.T) {
	t.Parallel()
	ids := []string{
		"garbage", "nginx:1.27", hexA[:12], hexA[:63], strings.ToUpper(hexA), "sha256:", "sha256:" + hexA[:32],
		"sha256:" + strings.ToUpper(hexA), "sha1:" + hexA[:40], "containerd://" + hexA, "cri-o://" + hexA,
		"@" + digA, "<none>@" + digA, "x@" + hexA, "x@sha256:" + hexA[:32], "x@sha256:" + strings.ToUpper(hexA),
		"x@md5:" + hexA[:32], "x@" + digA + " ", " x@" + digA, "X@" + digA, "x@y@" + digA, digC + "@" + digA,
		"docker://docker://" + digA, "docker-pullable://", "crio://" + hexA, "crio://x:1", "://x@" + digA, "1://x@" + digA, "a b://x@" + digA, strings.Repeat("x", 1<<20),
		strings.Repeat("x", 1<<20) + "@" + digA,
	}
	for _, id := range ids {
		want := image.Image{
			Written: "a.io/x:1", Ref: ref("a.io", "x", "1", ""),
			DigestSource: image.SourceNone, Flags: image.UnknownImageID,
		}
		if id == "docker-pullable://" {
			want.Flags = 0
		}
		assert.Equal(t, want, image.Resolve("a.io/x:1", "a.io/x:1", id), "%.80q", id)
	}
}

func TestResolveGroupsEqualImagesAcrossPlatforms(t *testing.T) {
	t.Parallel()
	amd64 := image.Resolve("r.io/x:1", "r.io/x:1", "r.io/x@"+digA)
	arm64 := image.Resolve(strings.Clone("r.io/x:1"), "r.io/x:1", "r.io/x@"+digA)
	pods := map[image.Image]int{amd64: 1}
	pods[arm64]++
	assert.Equal(t, map[image.Image]int{amd64: 2}, pods)
}

func FuzzResolve(f *testing.F) {
	for _, test := range append(runtimeCases(), hazardCases()...) {
		f.Add(test.spec, test.status, test.imageID, uint8(0), false)
	}
	for _, test := range append(shortCases(), waitingCases()...) {
		f.Add(test.facts.Spec, test.facts.Status, test.facts.ImageID, uint8(test.facts.Runtime), test.facts.Waiting)
	}
	f.Fuzz(func(t *testing.T, spec, status, imageID string, runtime uint8, waiting bool) {
		facts := image.Facts{Spec: spec, Status: status, ImageID: imageID, Runtime: image.Runtime(runtime), Waiting: waiting}
		img := facts.Resolve()
		require.Equal(t, img, image.NewResolver().Resolve(facts))
		assertDigestIsHonest(t, img, spec, status, imageID)
		assertNameIsHonest(t, img, spec)
		if img.Flags.Has(image.ShortNameResolved) {
			require.Equal(t, image.ResolvingRuntime, facts.Runtime)
		}
		if img.Flags.Has(image.OldStatus) {
			require.Equal(t, img.SpecDigest, img.Digest())
			require.Empty(t, img.StatusDigest)
		}
		_, _, _ = img.PURL("amd64"), img.HasTag(), img.WrittenName()
	})
}

func assertDigestIsHonest(t *testing.T, img image.Image, spec, status, imageID string) {
	t.Helper()
	require.Equal(t, img.Digest() == "", img.DigestSource == image.SourceNone)
	if img.Digest() == "" {
		return
	}
	require.Regexp(t, `^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`, img.Digest())
	inName := strings.HasSuffix(spec, "@"+img.Digest()) || strings.HasSuffix(imageID, "@"+img.Digest())
	if !inName {
		require.Empty(t, spec)
		require.True(t, strings.HasSuffix(status, "@"+img.Digest()))
	}
}

func assertNameIsHonest(t *testing.T, img image.Image, spec string) {
	t.Helper()
	unnamed := img.Flags&(image.Invalid|image.NamedByID) != 0
	require.Equal(t, unnamed, img.Ref.Repository == "")
	if spec != "" {
		require.Equal(t, spec, img.Written)
	}
	if !unnamed {
		again, err := image.Parse(img.Ref.String())
		require.NoError(t, err)
		require.Equal(t, img.Ref.Name(), again.Name())
	}
}
