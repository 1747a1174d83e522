package programtest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"stocktake/collector/internal/kubetest"
)

// An image that was imported from an archive, and one that the node also has from
// another registry: what the digest is worth stands in every list for people.
func TestRemarksOnDigestsAreShown(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	other := kubetest.Node("node-2")
	other.Status.NodeInfo = corev1.NodeSystemInfo{OperatingSystem: "linux", Architecture: "amd64", ContainerRuntimeVersion: "cri-o://1.32.4"}
	cluster.SeedObjects(t, kubetest.Node("node-1"), other)
	cluster.SeedNamespaces(t, "trial")
	imported, foreign := "sha256:"+strings.Repeat("5a", 32), "sha256:"+strings.Repeat("89", 32)
	cluster.SeedPods(t,
		kubetest.Pod{Namespace: "trial", Name: "dns", Node: "node-1", Containers: []kubetest.Container{
			{Name: "app", Image: "docker.io/rancher/mirrored-coredns-coredns:1.12.1", ImageID: "docker.io/library/import-2025-11-23@" + imported},
		}},
		kubetest.Pod{Namespace: "trial", Name: "web", Node: "node-2", Containers: []kubetest.Container{
			{Name: "app", Image: "image-registry.openshift-image-registry.svc:5000/team/nginx:1.23", ImageID: "docker.io/library/nginx@" + foreign},
		}},
	)
	live := func(args ...string) string {
		return imagesOf(t, cluster.Kubeconfig(t), append([]string{"-n", "trial"}, args...)...)
	}

	const dns, web = "docker.io/rancher/mirrored-coredns-coredns:1.12.1", "image-registry.openshift-image-registry.svc:5000/team/nginx:1.23"
	shown := shownImages(t, live("-o", "json"))
	assert.Equal(t, []string{"local import"}, shown[dns].Flags, "whose reference has no digest: %v", shown)
	assert.Equal(t, imported, shown[dns].Digest)
	assert.Equal(t, []string{"digest of another repository"}, shown[web+"@"+foreign].Flags)
	assert.Equal(t, "docker.io/library/nginx", shown[web+"@"+foreign].DigestRepository)
	for _, format := range []string{"table", "wide", "csv"} {
		text := live("-o", format)
		assert.Contains(t, text, "local import", format)
		assert.Contains(t, text, "digest of another repository", format)
	}
	assert.Contains(t, live("-o", "csv"), ",docker.io/library/nginx\r\n", "where the digest is")
	text := live("-o", "json", "--no-digest")
	assert.Contains(t, text, dns)
	assert.NotContains(t, text, web)

	var doc struct {
		Components []struct {
			Name, PURL string
			Properties []struct{ Name, Value string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(live("-o", "cyclonedx")), &doc))
	require.Len(t, doc.Components, 2)
	assert.Equal(t, "pkg:oci/mirrored-coredns-coredns?repository_url=docker.io%2Francher%2Fmirrored-coredns-coredns&tag=1.12.1", doc.Components[0].PURL)
	assert.Contains(t, doc.Components[0].Properties, struct{ Name, Value string }{"stocktake:flag", "local import"})
	assert.Contains(t, doc.Components[1].Properties, struct{ Name, Value string }{"stocktake:digest-repository", "docker.io/library/nginx"})

	got := pageFrom(t, cluster.Kubeconfig(t), "-", "-n", "trial")
	require.Equal(t, 0, got.code, got.stderr)
	assert.Contains(t, got.stdout, `data-flag="local import"`)
	assert.Contains(t, got.stdout, `data-flag="digest of another repository"`)
}

// The four package URLs are those of the standard's tests, and one with a port.
func TestPackageURLsAreWrittenAsTheStandardDoes(t *testing.T) {
	t.Parallel()
	var doc struct{ Components []struct{ PURL string } }
	require.NoError(t, json.Unmarshal([]byte(readSaved(t, testFile(t, "saved/anchore-purls.json"), "-o", "cyclonedx")), &doc))
	var purls []string
	for _, c := range doc.Components {
		purls = append(purls, c.PURL)
	}
	const digest = "sha256:244fd47e07d1004f0aed9c000000000000000000000000000000000000000000"
	assert.ElementsMatch(t, []string{
		"pkg:oci/debian@" + digest + "?repository_url=docker.io%2Flibrary%2Fdebian&tag=latest",
		"pkg:oci/debian@" + digest + "?repository_url=ghcr.io%2Fdebian&tag=bullseye",
		"pkg:oci/static@" + digest + "?repository_url=gcr.io%2Fdistroless%2Fstatic&tag=latest",
		"pkg:oci/app@" + digest + "?repository_url=localhost:5000%2Fteam%2Fapp&tag=1",
	}, purls)
}

// Who takes components of one name, version and package URL for one keeps one of them.
func TestComponentsOfTwoPlatformsAreTwo(t *testing.T) {
	t.Parallel()
	two := testFile(t, "diff/platforms/new.json")
	for _, file := range []string{two, rewritten(t, two, `"arm64"`, `"amd64"`), rewritten(t, two, `"arch":`, `"os_image":`)} {
		var doc struct {
			Components []struct{ Name, Version, PURL string }
		}
		require.NoError(t, json.Unmarshal([]byte(readSaved(t, file, "-o", "cyclonedx")), &doc))
		require.Len(t, doc.Components, 2)
		assert.NotEqual(t, doc.Components[0], doc.Components[1])
	}
	text := readSaved(t, two, "-o", "cyclonedx")
	for _, arch := range []string{"amd64", "arm64"} {
		assert.Contains(t, text, "pkg:oci/myapp?arch="+arch+"&repository_url=docker.io%2Flibrary%2Fmyapp&tag=dev")
	}
}
