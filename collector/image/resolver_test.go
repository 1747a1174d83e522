package image_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/image"
)

func TestResolverTellsStringsApart(t *testing.T) {
	t.Parallel()
	resolver := image.NewResolver()
	for range 2 {
		assert.Equal(t, digA, resolver.Resolve(image.Facts{Spec: "a.io/x:1", ImageID: "a.io/x@" + digA}).Digest())
		assert.Equal(t, digB, resolver.Resolve(image.Facts{Spec: "a.io/x:1", ImageID: "a.io/x@" + digB}).Digest())
		assert.Equal(t, "2", resolver.Resolve(image.Facts{Spec: "a.io/x:2", ImageID: "a.io/x@" + digB}).Ref.Tag)
	}
}

func TestResolverPassesHugeStringsThrough(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("x", 1<<16)
	assert.Equal(t, image.Resolve(huge, "", digC), image.NewResolver().Resolve(image.Facts{Spec: huge, ImageID: digC}))
}

func TestResolverFindsWithoutAllocating(t *testing.T) {
	resolver := image.NewResolver()
	resolve := func() {
		resolver.Resolve(image.Facts{Spec: "nginx:1.27", Status: "docker.io/library/nginx:1.27", ImageID: "docker.io/library/nginx@" + digA})
	}
	resolve()
	assert.Zero(t, testing.AllocsPerRun(100, resolve))
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = image.Parse("registry.k8s.io/ingress-nginx/controller:v1.11.2@" + digA)
	}
}

func BenchmarkResolve(b *testing.B) {
	cases := runtimeCases()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		c := cases[n%len(cases)]
		image.Resolve(c.spec, c.status, c.imageID)
		n++
	}
}

func BenchmarkResolver(b *testing.B) {
	cases := runtimeCases()
	resolver := image.NewResolver()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		c := cases[n%len(cases)]
		resolver.Resolve(image.Facts{Spec: c.spec, Status: c.status, ImageID: c.imageID})
		n++
	}
}
