package image_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
)

// factsCase is what facts must come to.
type factsCase struct {
	name    string
	facts   image.Facts
	ref     string // the canonical text, with the digest to publish
	flags   image.Flag
	foreign string // DigestRepository
}

func (c factsCase) check(t *testing.T) {
	t.Helper()
	got := c.facts.Resolve()
	assert.Equal(t, c.ref, got.Ref.String(), c.name)
	assert.Equal(t, c.flags.Names(), got.Flags.Names(), c.name)
	assert.Equal(t, c.foreign, got.DigestRepository, c.name)
	assert.Equal(t, c.facts.Spec, got.Written, c.name)
}

// shortCases are names without a registry that a runtime reports under another name.
func shortCases() []factsCase {
	crio := func(spec, status, id string) image.Facts {
		return image.Facts{Spec: spec, Status: status, ImageID: id, Runtime: image.ResolvingRuntime}
	}
	plain := func(spec, status, id string) image.Facts {
		return image.Facts{Spec: spec, Status: status, ImageID: id, Runtime: image.PlainRuntime}
	}
	unknown := func(spec, status, id string) image.Facts {
		return image.Facts{Spec: spec, Status: status, ImageID: id}
	}
	const resolved, ecr = image.ShortNameResolved, "123456789012.dkr.ecr.us-east-1.amazonaws.com"
	const redhat, stable = "registry.access.redhat.com", "quay.io/podman/stable"

	return []factsCase{
		{"the status tells nothing (stackrox#10351)", crio("ubi9:9.3-1610", "", redhat+"/ubi9@"+digA), redhat + "/ubi9:9.3-1610@" + digA, resolved, ""},
		{"the status repeats the spec", crio("ubi9:1", "ubi9:1", redhat+"/ubi9@"+digA), redhat + "/ubi9:1@" + digA, resolved, ""},
		{"the status is an id", crio("ubi9:1", hexC, redhat+"/ubi9@"+digA), redhat + "/ubi9:1@" + digA, resolved, ""},
		{"another tag of the same digest", crio("ubi9:1", redhat+"/ubi9:latest", redhat+"/ubi9@"+digA), redhat + "/ubi9:1@" + digA, resolved, ""},
		{"a longer name as a whole", crio("rhel7/rhel:1", "", redhat+"/mirror/rhel7/rhel@"+digA), redhat + "/mirror/rhel7/rhel:1@" + digA, resolved, ""},
		{"a local build", crio("myapp", "localhost/myapp:latest", "localhost/myapp@"+digA), "localhost/myapp@" + digA, resolved | image.TagImplied, ""},
		{"a digest", crio("ubi9@"+digA, "", redhat+"/ubi9@"+digA), redhat + "/ubi9@" + digA, resolved | image.NoTag, ""},
		{"an alias with another name", crio("podman:1", stable+":1", stable+"@"+digA), stable + ":1@" + digA, resolved, ""},
		{"an alias on docker.io", crio("grafana:1", "docker.io/grafana/grafana:1", "docker.io/grafana/grafana@"+digA), "docker.io/grafana/grafana:1@" + digA, resolved, ""},
		{"an alias without a tag", crio("podman", stable+":latest", stable+"@"+digA), stable + "@" + digA, resolved | image.TagImplied, ""},
		{"an alias with a digest", crio("podman@"+digA, stable+"@"+digA, stable+"@"+digA), stable + "@" + digA, resolved | image.NoTag, ""},
		{"an alias with a digest, whose status has a tag", crio("podman:5@"+digA, stable+":latest", stable+"@"+digA), stable + ":5@" + digA, resolved, ""},
		{"an alias, and an id alone (cri-o#9925)", crio("podman:1", stable+":1", hexC), stable + ":1", resolved | image.ConfigIDOnly, ""},
		{"a registry that was searched, and an id alone", crio("ubi9", redhat+"/ubi9:latest", hexC), redhat + "/ubi9", resolved | image.TagImplied | image.ConfigIDOnly, ""},
		{"an alias with a digest, and an id alone", crio("podman@"+digA, stable+"@"+digA, hexC), stable + "@" + digA, resolved | image.NoTag, ""},
		{"another tag, and an id alone", crio("podman:1", stable+":2", hexC), "docker.io/library/podman:1", image.ConfigIDOnly, ""},
		{"found on docker.io, and an id alone", crio("nginx:1", "docker.io/library/nginx:1", hexC), "docker.io/library/nginx:1", image.ConfigIDOnly, ""},
		{"containerd, and an id alone", plain("nginx:1.27", ecr+"/nginx:1.27", hexC), "docker.io/library/nginx:1.27", image.ConfigIDOnly, ""},

		{"another tag under another name is another image", crio("podman:1", stable+":2", stable+"@"+digA), "docker.io/library/podman:1@" + digA, image.ForeignDigest, stable},
		{"another digest under another name", crio("podman@"+digA, stable+"@"+digB, stable+"@"+digB), "docker.io/library/podman@" + digA, image.ForeignDigest | image.DigestMismatch | image.NoTag, stable},
		{"status and id disagree", crio("podman:1", stable+":1", "quay.io/other/thing@"+digA), "docker.io/library/podman:1@" + digA, image.ForeignDigest, "quay.io/other/thing"},
		{"it was found on docker.io", crio("nginx:1", "docker.io/library/nginx:1", "quay.io/mirror/nginx@"+digA), "docker.io/library/nginx:1@" + digA, image.ForeignDigest, "quay.io/mirror/nginx"},
		{"another team's copy", crio("team/nginx:1", "", "quay.io/other/nginx@"+digA), "docker.io/team/nginx:1@" + digA, image.ForeignDigest, "quay.io/other/nginx"},
		{"docker.io without a word of the status", crio("redis:7", "", "docker.io/bitnami/redis@"+digA), "docker.io/library/redis:7@" + digA, image.ForeignDigest, "docker.io/bitnami/redis"},
		{"a written docker.io", crio("docker.io/podman:1", stable+":1", stable+"@"+digA), "docker.io/library/podman:1@" + digA, image.ForeignDigest, stable},
		{"a written registry", crio("a.io/podman:1", stable+":1", stable+"@"+digA), "a.io/podman:1@" + digA, image.ForeignDigest, stable},

		{"containerd never resolves (kubernetes#95385)", plain("nginx:1.27", ecr+"/nginx:1.27", ecr+"/nginx@"+digA), "docker.io/library/nginx:1.27@" + digA, image.ForeignDigest, ecr + "/nginx"},
		{"nor a name of several parts", plain("bitnami/redis:7", ecr+"/docker-hub/bitnami/redis:7", ecr+"/docker-hub/bitnami/redis@"+digA), "docker.io/bitnami/redis:7@" + digA, image.ForeignDigest, ecr + "/docker-hub/bitnami/redis"},
		{"nor to a local registry", plain("myapp", "localhost:5000/myapp:latest", "docker-pullable://localhost:5000/myapp@"+digA), "docker.io/library/myapp@" + digA, image.ForeignDigest | image.TagImplied, "localhost:5000/myapp"},
		{"nobody knows", unknown("ubi9:1", redhat+"/ubi9:1", redhat+"/ubi9@"+digA), "docker.io/library/ubi9:1@" + digA, image.ForeignDigest | image.UnknownRuntime, redhat + "/ubi9"},
		{"nobody knows of an alias", unknown("podman:1", stable+":1", stable+"@"+digA), "docker.io/library/podman:1@" + digA, image.ForeignDigest | image.UnknownRuntime, stable},
		{"nobody knows, and it matters not", unknown("nginx:1", "docker.io/library/nginx:1", "docker.io/library/nginx@"+digA), "docker.io/library/nginx:1@" + digA, 0, ""},
		{"nor does it for a written registry", unknown("a.io/x:1", "b.io/x:1", "b.io/x@"+digA), "a.io/x:1@" + digA, image.ForeignDigest, "b.io/x"},
	}
}

func TestResolveAdoptsNamesWhereTheRuntimeResolvesThem(t *testing.T) {
	t.Parallel()
	for _, test := range shortCases() {
		test.check(t)
	}
}

func TestResolveAdoptsEveryOfficialAlias(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/shortnames.txt")
	require.NoError(t, err)
	count := 0
	for line := range strings.Lines(string(text)) {
		written, target, found := strings.Cut(strings.TrimSpace(line), " ")
		if written == "#" {
			continue
		}
		require.True(t, found, line)
		count++
		facts := image.Facts{Spec: written + ":1", Status: target + ":1", ImageID: target + "@" + digA, Runtime: image.ResolvingRuntime}
		got := facts.Resolve()
		assert.Equal(t, target+":1@"+digA, got.Ref.String(), written)
		assert.Empty(t, got.DigestRepository, written)

		onDockerHub, err := image.Parse(written)
		require.NoError(t, err)
		assert.Equal(t, onDockerHub.Name() != target, got.Flags.Has(image.ShortNameResolved), written)
		for _, other := range []image.Runtime{image.PlainRuntime, image.AnyRuntime} {
			facts.Runtime = other
			assert.Equal(t, onDockerHub.Name(), facts.Resolve().Ref.Name(), "%s, and no CRI-O", written)
		}
	}
	assert.Equal(t, 139, count)
}

func TestRuntimeOfIsTheScheme(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]image.Runtime{
		"cri-o://" + hexC: image.ResolvingRuntime, "cri-o://1.34.1": image.ResolvingRuntime, "CRI-O://1.34.1": image.ResolvingRuntime, "cri-o://Unknown": image.ResolvingRuntime,
		"containerd://2.2.1": image.PlainRuntime, "docker://" + hexC: image.PlainRuntime, "docker://28.1.1": image.PlainRuntime, "aci://" + hexC: image.PlainRuntime,
		"": image.AnyRuntime, "://": image.AnyRuntime, "cri-o": image.AnyRuntime, hexC: image.AnyRuntime,
	} {
		assert.Equal(t, want, image.RuntimeOf(uri), uri)
	}
}
