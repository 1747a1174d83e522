package programtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"stocktake/collector/internal/kubetest"
)

// The tests of this file ask the built program what runs, of pods as kubelets and
// runtimes of the field leave them: testdata/running. They are of the same day.

const runningNamespace = "running"

// seedRunning fills the cluster with the nodes and pods of a file, and returns a
// kubeconfig.
func seedRunning(t *testing.T, file string) string {
	t.Helper()
	cluster := ownCluster(t)
	cluster.SeedNamespaces(t, runningNamespace)
	text, err := os.ReadFile(filepath.Join("testdata", "running", file))
	require.NoError(t, err)
	var list struct{ Items []json.RawMessage }
	require.NoError(t, yaml.Unmarshal(text, &list))
	for _, item := range list.Items {
		cluster.SeedObjects(t, objectOf(t, item))
	}
	return cluster.Kubeconfig(t)
}

func objectOf(t *testing.T, item []byte) kubetest.Object {
	t.Helper()
	var kind metav1.TypeMeta
	require.NoError(t, json.Unmarshal(item, &kind))
	now := metav1.Time{Time: time.Now().Truncate(time.Second)}
	if kind.Kind == "Node" {
		node := &corev1.Node{}
		require.NoError(t, json.Unmarshal(item, node))
		node.UID, node.CreationTimestamp = kubetest.UID("", node.Name), now
		return node
	}
	require.Equal(t, "Pod", kind.Kind)
	pod := &corev1.Pod{}
	require.NoError(t, json.Unmarshal(item, pod))
	pod.UID, pod.CreationTimestamp = kubetest.UID(pod.Namespace, pod.Name), now
	return pod
}

// shownLine is a part of a line of images -o json.
type shownLine struct {
	Reference string
	Pods      int
	Platforms []string
}

func shownLines(t *testing.T, kubeconfig string) []shownLine {
	t.Helper()
	var lines []shownLine
	require.NoError(t, json.Unmarshal([]byte(imagesOf(t, kubeconfig, "-n", runningNamespace, "-o", "json")), &lines))
	return lines
}

// references are the images of a cluster, each with the number of its pods.
func references(t *testing.T, kubeconfig string) []string {
	t.Helper()
	var all []string
	for _, line := range shownLines(t, kubeconfig) {
		all = append(all, fmt.Sprintf("%s %d", line.Reference, line.Pods))
	}
	return all
}

// bodyOf is a body of the namespace.
func bodyOf(t *testing.T, kubeconfig, kind string, into any) {
	t.Helper()
	got := inside(t, call{args: []string{
		"-external", kubeconfig, "-dry-run", "-set", "output-kind=" + kind, "-set", "ignore-not-running=false",
		"-set", "namespace-selectors.exclude=^(default|kube-.*)$", "prod",
	}})
	require.Equal(t, 0, got.code, got.stderr)
	require.NoError(t, json.Unmarshal([]byte(got.stdout), into))
}

// digestsOf are the images of the bodies for Anchore, "NAME DIGEST", sorted.
func digestsOf(t *testing.T, kubeconfig, kind string) []string {
	t.Helper()
	var body struct {
		Containers []struct {
			Tag    string `json:"image_tag"`
			Digest string `json:"image_digest"`
		}
		Results []struct {
			Images []struct {
				Tag    string
				Digest string `json:"repoDigest"`
			}
		}
	}
	bodyOf(t, kubeconfig, kind, &body)
	var all []string
	for _, c := range body.Containers {
		all = append(all, strings.TrimSpace(c.Tag+" "+c.Digest))
	}
	for _, r := range body.Results {
		for _, i := range r.Images {
			all = append(all, strings.TrimSpace(i.Tag+" "+i.Digest))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// nativeLines are the containers of the native body, without their kinds and names.
func nativeLines(t *testing.T, kubeconfig string) []string {
	t.Helper()
	var body nativeCases
	bodyOf(t, kubeconfig, "stocktake", &body)
	return body.lines()[runningNamespace]
}

// hash64 is a digest of a byte that repeats.
func hash64(b string) string { return "sha256:" + strings.Repeat(b, 32) }

func TestAnImageKeepsItsNameWhateverCopyTheNodeHolds(t *testing.T) {
	t.Parallel()
	kubeconfig := seedRunning(t, "copy-in-another-registry.yaml")
	assert.Equal(t, []string{
		"docker.io/bitnami/redis:7@" + hash64("1e") + " 1",
		"docker.io/library/nginx:1.27@" + hash64("02") + " 2",
	}, references(t, kubeconfig))
	const copies = "123456789012.dkr.ecr.us-east-1.amazonaws.com/"
	assert.Equal(t, []string{
		"cache/container/app: docker.io/bitnami/redis:7 @ " + hash64("1e") + " (status) of " + copies + "docker-hub/bitnami/redis foreign-digest",
		"web-a/container/app: docker.io/library/nginx:1.27 @ " + hash64("02") + " (status)",
		"web-b/container/app: docker.io/library/nginx:1.27 @ " + hash64("02") + " (status) of " + copies + "nginx foreign-digest",
	}, nativeLines(t, kubeconfig))
}

func TestAnImageThatWasNeverPulledHasNoDigest(t *testing.T) {
	t.Parallel()
	kubeconfig := seedRunning(t, "update-to-a-missing-tag.yaml")
	const app = "registry.example.com/shop/app:"
	digest := hash64("09")

	assert.Equal(t, []string{app + "1.0@" + digest + " 2", app + "2.0-typo 1"}, references(t, kubeconfig))
	assert.Equal(t, app+"2.0-typo\n", imagesOf(t, kubeconfig, "-n", runningNamespace, "--no-digest", "-o", "name"))
	for _, kind := range []string{"anchore", "kai"} {
		assert.Equal(t, []string{app + "1.0 " + digest, app + "2.0-typo"}, digestsOf(t, kubeconfig, kind), kind)
	}
	assert.Equal(t, []string{
		"app-0/container/app: " + app + "2.0-typo (none) old-status waiting ImagePullBackOff",
		"app-1/container/app: " + app + "1.0 @ " + digest + " (status)",
		"app-2/container/app: " + app + "1.0 @ " + digest + " (status) waiting ImagePullBackOff",
	}, nativeLines(t, kubeconfig))
}

func TestAShortNameIsWhatCRIOMadeOfIt(t *testing.T) {
	t.Parallel()
	kubeconfig := seedRunning(t, "short-name-alias.yaml")
	digest := hash64("77")
	assert.Equal(t, []string{
		"docker.io/grafana/grafana:1@" + digest + " 1",
		"quay.io/podman/stable:1@" + digest + " 1",
		"registry.access.redhat.com/ubi8-minimal:1@" + digest + " 1",
		"registry.access.redhat.com/ubi9:1@" + digest + " 1",
		"registry.fedoraproject.org/fedora:1@" + digest + " 1",
	}, references(t, kubeconfig))
}

func TestAJobThatLooksScheduledIsAJob(t *testing.T) {
	t.Parallel()
	kubeconfig := seedRunning(t, "job-named-by-the-second.yaml")
	want := "running/Job/acme-migrate-1696500000\nrunning/Job/plane-migrate-20251104-101500\nrunning/Job/report-20260512\nrunning/Job/restore-29123456\n"
	assert.Equal(t, want, imagesOf(t, kubeconfig, "-n", runningNamespace, "--by", "workload", "-o", "name"))
	assert.Equal(t, want, imagesOf(t, nowhere(t), "-n", runningNamespace, "--by", "workload", "-o", "name", "-f", save(t, kubeconfig, "stocktake")))
}

func TestAVirtualNodeHasThePlatformOfTheOthers(t *testing.T) {
	t.Parallel()
	kubeconfig := seedRunning(t, "virtual-node.yaml")
	lines := shownLines(t, kubeconfig)
	require.Len(t, lines, 1)
	assert.Equal(t, []string{"linux/amd64"}, lines[0].Platforms)
	assert.Contains(t, imagesOf(t, kubeconfig, "-n", runningNamespace, "-o", "cyclonedx"), `"linux/amd64"`)
	assert.NotContains(t, imagesOf(t, kubeconfig, "-n", runningNamespace, "-o", "cyclonedx"), "Linux")

	var body nativeCases
	bodyOf(t, kubeconfig, "stocktake", &body)
	require.Len(t, body.Images, 1)
	require.Len(t, body.Images[0].Platforms, 1)
	assert.Equal(t, "linux", body.Images[0].Platforms[0].OS)

	var anchore struct {
		Nodes []struct {
			System string `json:"operating_system"`
		}
	}
	bodyOf(t, kubeconfig, "anchore", &anchore)
	assert.Equal(t, "Linux", anchore.Nodes[1].System, "as the node says it")
}

func TestWhatRunsIsKnownInEveryPlaceOfAPod(t *testing.T) {
	t.Parallel()
	kubeconfig := seedRunning(t, "siblings.yaml")
	assert.Equal(t, []string{
		"init/init/setup: r.example/setup:3 (none) old-status waiting SignatureValidationFailed",
		"init/sidecar/proxy: r.example/proxy:3 (none) old-status waiting CreateContainerConfigError",
		"init/container/app: r.example/app:3 @ " + hash64("03") + " (status) waiting PodInitializing",
		"invalid/container/app: ? (none) invalid old-status waiting InvalidImageName",
		"loops/container/app: r.example/loops:2.10 @ " + hash64("05") + " (status) waiting CrashLoopBackOff",
		"nowhere/container/app: docker.io/library/podman:1 @ " + hash64("08") + " (status) of quay.io/podman/stable foreign-digest unknown-runtime",
		"resolved/container/app: quay.io/buildah/stable:1 @ " + hash64("06") + " (status) short-name-resolved",
		"unresolved/container/app: docker.io/library/skopeo:1 @ " + hash64("07") + " (status) of quay.io/skopeo/stable foreign-digest",
	}, nativeLines(t, kubeconfig))
	assert.Equal(t, []string{
		"r.example/App:1", "r.example/app:3 " + hash64("03"), "r.example/loops:2.10 " + hash64("05"), "r.example/proxy:3", "r.example/setup:3",
	}, digestsOf(t, kubeconfig, "anchore"), "those with an ID")
	assert.Contains(t, digestsOf(t, kubeconfig, "kai"), "r.example/App:1")
}
