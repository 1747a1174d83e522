package payload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/settings"
)

func TestNamesFollowThePolicy(t *testing.T) {
	t.Parallel()
	sha512 := clustertest.HexA + clustertest.HexB
	for _, test := range []struct {
		spec, imageID string
		policy        TagPolicy
		want          string
		left          Reason
	}{
		{spec: "nginx", want: "nginx:latest"},
		{spec: "nginx", imageID: "docker.io/library/nginx@sha256:" + clustertest.HexA, want: "nginx:latest"},
		{spec: "nginx", policy: PolicyDrop, want: "nginx:latest"},
		{spec: "nginx:1.27", policy: PolicyDrop, want: "nginx:1.27"},
		{spec: "foo:5000/bar", want: "foo:5000/bar:latest"},
		{spec: "[::1]:5000/foo", want: "[::1]:5000/foo:latest"},
		{spec: "localhost/foo:1", want: "localhost/foo:1"},
		{spec: "index.docker.io/library/nginx:1", want: "index.docker.io/library/nginx:1"},
		{spec: "nginx:1.27@sha256:" + clustertest.HexA, policy: PolicyDrop, want: "nginx:1.27"},
		{spec: "nginx@sha256:" + clustertest.HexA, want: "nginx:" + clustertest.HexA},
		{spec: "nginx@sha256:" + clustertest.HexA, imageID: "docker.io/library/nginx@sha256:" + clustertest.HexB, want: "nginx:" + clustertest.HexA},
		{spec: "nginx@sha512:" + sha512, want: "nginx:" + sha512},
		{spec: "nginx@sha256:" + clustertest.HexA, policy: PolicyInsert, want: "nginx:NONE"},
		{spec: "nginx@sha256:" + clustertest.HexA, policy: PolicyDrop, left: ImageWithoutTag},
		{spec: "UPPER/Foo", policy: PolicyDrop, want: "UPPER/Foo"},
		{spec: "x@sha256:2e50", policy: PolicyInsert, want: "x@sha256:2e50"},
		{spec: "nginx:", want: "nginx:"},
		{spec: clustertest.HexA, policy: PolicyInsert, want: clustertest.HexA},
		{spec: " \t\n", left: ImageBlank},
		{spec: "", left: ImageBlank},
	} {
		naming, err := Options{TagPolicy: test.policy, Tag: "NONE"}.Naming()
		require.NoError(t, err)
		got, kept := naming(image.Resolve(test.spec, "", test.imageID))
		assert.Equal(t, test.left == "", kept, test.spec)
		if kept {
			assert.Equal(t, test.want, got)
		}
		_, reason := namer{policy: test.policy, tag: "NONE"}.name(new(image.Resolve(test.spec, "", test.imageID)))
		assert.Equal(t, test.left, reason, test.spec)
	}
}

func TestRegistryOverrideNamesARegistryWhereThereIsNone(t *testing.T) {
	t.Parallel()
	const mirror = "reg.example.com:5000/mirror"
	for _, test := range []struct{ spec, want string }{
		{"nginx", mirror + "/nginx:latest"},
		{"nginx:1.27", mirror + "/nginx:1.27"},
		{"bitnami/redis:7", mirror + "/bitnami/redis:7"},
		{"org/team/app:1", mirror + "/org/team/app:1"},
		{"library/a/b", mirror + "/library/a/b:latest"},
		{"example.com:443", mirror + "/example.com:443"},
		{"nginx:1.27@sha256:" + clustertest.HexA, mirror + "/nginx:1.27"},
		{"nginx@sha256:" + clustertest.HexA, mirror + "/nginx:" + clustertest.HexA},
		{"localhost/foo:1", "localhost/foo:1"},
		{"localhost:5000/foo:1", "localhost:5000/foo:1"},
		{"foo:5000/bar:1", "foo:5000/bar:1"},
		{"docker.io/nginx:1", "docker.io/nginx:1"},
		{"docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"quay.io/a/b/c:1", "quay.io/a/b/c:1"},
		{"[fd00::1]/foo:1", "[fd00::1]/foo:1"},
		{"UPPER/foo:1", "UPPER/foo:1"},
		{"my_registry.local/foo:1", "my_registry.local/foo:1"},
		{"Foo/Bar:1", "Foo/Bar:1"},
		{"foo/Bar:1", "foo/Bar:1"},
		{"nginx:", "nginx:"},
		{"sha256:" + clustertest.HexA, "sha256:" + clustertest.HexA},
		{"x:v1@sha256:2e50", "x:v1@sha256:2e50"},
	} {
		naming, err := Options{Registry: mirror + "/"}.Naming()
		require.NoError(t, err)
		got, kept := naming(image.Resolve(test.spec, "", ""))
		assert.True(t, kept, test.spec)
		assert.Equal(t, test.want, got, test.spec)
	}
}

// The name in a body and the name in a list for people are made in two places.
func TestNamesInBodiesAreThoseOfNaming(t *testing.T) {
	t.Parallel()
	for _, name := range []imageName{{name: "a"}, {name: "a", tag: "1"}, {name: "a", registry: "r.io"}, {name: "a\"b", tag: "1", registry: "r.io/x"}} {
		assert.Equal(t, string(appendString(nil, name.String())), string(name.append(nil)))
	}
}

func TestNamingChecksTheSettings(t *testing.T) {
	t.Parallel()
	_, err := Options{TagPolicy: "keep"}.Naming()
	assert.ErrorIs(t, err, settings.ErrInvalid)
}

func TestBriefStatsHaveNoNames(t *testing.T) {
	t.Parallel()
	var s Stats
	s.leave(PodNotRunning, "a", "b")
	brief := s.Brief()
	assert.Equal(t, []Left{{Reason: PodNotRunning, Count: 1}}, brief.Left)
	assert.Equal(t, []string{"a/b"}, s.Left[0].Names, "the original keeps them")
}

func TestUIDsHaveOneForm(t *testing.T) {
	t.Parallel()
	assert.True(t, isUID("01234567-89ab-cdef-0123-456789abcdef"))
	for _, uid := range []string{
		"", "mirror", "01234567-89AB-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdeg", "0123456789abcdef0123456789abcdef0123",
		"01234567-89ab-cdef-0123-456789abcdef0", "{1234567-89ab-cdef-0123-456789abcde}", "01234567_89ab-cdef-0123-456789abcdef",
		"01234567-89ab-cdef-0123-456789abcde\n", "012345678-9ab-cdef-0123-456789abcdef",
	} {
		assert.False(t, isUID(uid), uid)
	}
}
