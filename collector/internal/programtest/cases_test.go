package programtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

// The cases of this file are all the ways that are known in which runtimes, people
// and pods name images. The files of testdata/cases say what each body makes of
// them. They were written by hand from the rules of package image, and no program
// writes them anew: when one of them changes, the rules have changed.

// shorthand is what stands for long text in the cases and their files.
var shorthand = regexp.MustCompile(`\{(?:([0-9a-fA-F]{4})|([a-z])\*(\d+)|(uid|id) ([^}]+))\}`)

// expand writes shorthand out: {37d8} is 64 digits, 37d8 sixteen times; {a*256} is
// 256 times the letter a; {uid NAMESPACE/NAME} is the UID of a seeded object;
// {id NAMESPACE/POD/CONTAINER} is the ID of a seeded container.
func expand(text string) string {
	return shorthand.ReplaceAllStringFunc(text, func(short string) string {
		part := shorthand.FindStringSubmatch(short)
		names := strings.Split(part[5], "/")
		switch {
		case part[1] != "":
			return strings.Repeat(part[1], 16)
		case part[2] != "":
			count, _ := strconv.Atoi(part[3])
			return strings.Repeat(part[2], count)
		case part[4] == "uid":
			return string(kubetest.UID(names[0], names[1]))
		default:
			return "containerd://" + kubetest.Hex(names...)
		}
	})
}

const casesNeed = "image volumes, which are in the files of all cases"

// seedCases fills the cluster with all of them.
func seedCases(t *testing.T) *kubetest.Cluster {
	t.Helper()
	cluster := ownCluster(t)
	cluster.Since(t, imageVolumes, casesNeed)
	cluster.SeedObjects(t, platformNode("linux", "amd64", "6.12.48+deb13-amd64"), platformNode("linux", "arm64", "6.12.48+deb13-arm64"),
		platformNode("windows", "amd64", "10.0.20348.2762"))
	cluster.SeedNamespaces(t, "case-places", "case-references", "case-runtimes")
	cluster.SeedPods(t, runtimeCases()...)
	cluster.SeedPods(t, referenceCases())
	everything := placeCases()[0].Object()
	onFailure := corev1.ContainerRestartPolicyOnFailure
	everything.Spec.InitContainers[1].RestartPolicy = &onFailure // an init container with a policy, and no sidecar
	cluster.SeedObjects(t, everything)
	cluster.SeedPods(t, placeCases()[1:]...)
	return cluster
}

var casesAsSaved struct {
	once sync.Once
	text []byte
}

// savedCases is a file with the inventory of all of them, for tests that need no cluster
// besides: the first one fills it.
func savedCases(t *testing.T) string {
	t.Helper()
	smallCluster(t).Since(t, imageVolumes, casesNeed)
	casesAsSaved.once.Do(func() {
		text, err := os.ReadFile(save(t, seedCases(t).Kubeconfig(t), "stocktake"))
		require.NoError(t, err)
		casesAsSaved.text = text
	})
	require.NotEmpty(t, casesAsSaved.text, "the first test that needed them failed")
	path := filepath.Join(t.TempDir(), "cases.json")
	require.NoError(t, os.WriteFile(path, casesAsSaved.text, 0o600))
	return path
}

// platformNode returns a node that also has images in its cache which no pod uses.
func platformNode(system, arch, kernel string) *corev1.Node {
	node := kubetest.Node(system + "-" + arch)
	node.Labels[corev1.LabelOSStable], node.Labels[corev1.LabelArchStable] = system, arch
	info := &node.Status.NodeInfo
	info.OperatingSystem, info.Architecture, info.KernelVersion = system, arch, kernel
	node.Status.Images = []corev1.ContainerImage{{Names: []string{expand("registry.k8s.io/pause@sha256:{fade}"), "registry.k8s.io/pause:3.10"}, SizeBytes: 1}}
	return node
}

// runtimeCases are what each runtime makes of an image in the status of a pod.
func runtimeCases() []kubetest.Pod {
	var pods []kubetest.Pod
	for _, row := range []struct{ pod, spec, status, id string }{
		{"01", "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.14.0", "", "registry.k8s.io/kube-state-metrics/kube-state-metrics@sha256:{37d8}"},
		{"02", "registry.k8s.io/coredns/coredns:v1.9.3", "", "sha256:{b194}"},
		{"03", "myapp:dev", "docker.io/library/myapp:dev", "docker.io/library/import-2024-01-01@sha256:{0003}"},
		{"04", "nginx@sha256:{0004}", "sha256:{c004}", "docker.io/library/nginx@sha256:{0004}"},
		{"05", "k8s.gcr.io/ingress-nginx/controller:v0.48.1@sha256:{e9fb}", "sha256:{ac0e}", "k8s.gcr.io/ingress-nginx/controller@sha256:{44a7}"},
		{"06", "fairwinds/workloads:2.10", "docker.io/fairwinds/workloads:2", "docker.io/fairwinds/workloads@sha256:{0006}"},
		{"07", "quay.io/dhaus/repro:1.23", "", "docker.io/nginx@sha256:{8902}"},
		{"08", "quay.io/a/b:v1", "", "quay.io/a/b@sha256:{0008}"},
		{"09", "docker.io/scylladb/scylla-operator:1.11.1", "", "{700e}"},
		{"10", "quay.io/a/b@sha256:{0010}", "", "{c010}"},
		{"11", "ubi9:9.3-1610", "", "registry.access.redhat.com/ubi9@sha256:{0011}"}, // on CRI-O
		{"12", "nginx:1.27", "", "docker-pullable://nginx@sha256:{0012}"},
		{"13", "myapp:dev", "", "docker://sha256:{c013}"},
		{"15-amd64", "quay.io/multi/arch:1", "", "quay.io/multi/arch@sha256:{0015}"},
		{"15-arm64", "quay.io/multi/arch:1", "", "quay.io/multi/arch@sha256:{0015}"},
		{"16", "r/x@sha256:{8ac4}", "", "docker.io/r/x@sha256:{3f08}"},
		{"17", "mcr.microsoft.com/windows/nanoserver:ltsc2022", "", "mcr.microsoft.com/windows/nanoserver@sha256:{0017}"},
		{"18-before", "r/x:v1", "", "docker.io/r/x@sha256:{0018}"},
		{"18-removed", "r/x:v1", "sha256:{c018}", "sha256:{c018}"},
	} {
		node := map[string]string{"15-arm64": "linux-arm64", "17": "windows-amd64"}[row.pod]
		if node == "" {
			node = "linux-amd64"
		}
		c := kubetest.Container{Name: "c", Image: expand(row.spec), StatusImage: expand(row.status), ImageID: expand(row.id)}
		if row.pod == "11" {
			c.ContainerID = expand("cri-o://{0c11}")
		}
		pods = append(pods, kubetest.Pod{Namespace: "case-runtimes", Name: row.pod, Node: node, Containers: []kubetest.Container{c}})
	}
	return append(pods, kubetest.Pod{Namespace: "case-runtimes", Name: "14", Node: "linux-amd64", Phase: corev1.PodPending, Containers: []kubetest.Container{
		{Name: "c", Image: "bad:tag", Reason: "ImagePullBackOff"},
	}})
}

// referenceCases are what people write. Containers are numbered from 01.
func referenceCases() kubetest.Pod {
	refs := kubetest.Pod{Namespace: "case-references", Name: "refs", Node: "linux-amd64"}
	for i, spec := range []string{
		"nginx", "nginx:1.27", "library/nginx:1.27", "docker.io/nginx:1.27", "index.docker.io/library/nginx:1.27", "registry-1.docker.io/library/nginx:1",
		"bitnami/redis", "myreg/foo/bar:1", "localhost/foo:1", "localhost:5000/foo", "foo:5000/bar", "example.com", "example.com:443", "UPPER/foo",
		"reg.io/Foo/Bar:1", "[::1]:5000/foo:1", "[fd00::1]/foo", "nginx@sha256:{0b18}", "nginx:1.27@sha256:{0b19}",
		"x:v1@sha256:2e502e502e502e502e502e502e502e50", "x@sha256:{DEAD}", "x@sha512:{0b22}{0b22}", "sha256:{c023}", "{c024}", "e3b0c44298fc",
		"docker-pullable://nginx@sha256:{0b26}", "quay.io/a/b:1", "quay.io/a/b:2", "http://r/x", "oci://r/x", " nginx", "nginx:", "foo/bar/", "",
		"m.daocloud.io/docker.io/library/nginx:1", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/nginx:1",
		"reg.io/{a*256}:1", "reg.io/x:{b*129}",
	} {
		// The last two are IDs of containers, where one of an image should be.
		id := map[int]string{26: "containerd://{0b27}", 27: "cri-o://{0b28}"}[i]
		refs.Containers = append(refs.Containers, kubetest.Container{Name: fmt.Sprintf("%02d", i+1), Image: expand(spec), ImageID: expand(id)})
	}
	return refs
}

// placeCases are where a pod names images.
func placeCases() []kubetest.Pod {
	main := kubetest.Container{Name: "main", Image: "acme/main:1", ImageID: expand("docker.io/acme/main@sha256:{a003}")}
	return []kubetest.Pod{
		{Namespace: "case-places", Name: "everything", Node: "linux-amd64", Containers: []kubetest.Container{
			{Kind: kubetest.Init, Name: "setup", Image: "acme/setup:1", ImageID: expand("docker.io/acme/setup@sha256:{a001}")},
			{Kind: kubetest.Init, Name: "retry", Image: "acme/retry:1", ImageID: expand("docker.io/acme/retry@sha256:{a009}")},
			{Kind: kubetest.Sidecar, Name: "proxy", Image: "acme/proxy:1", ImageID: expand("docker.io/acme/proxy@sha256:{a002}")},
			main,
			{Kind: kubetest.Ephemeral, Name: "debug", Image: "busybox:1.36", ImageID: expand("docker.io/library/busybox@sha256:{a004}"), State: kubetest.Terminated},
			{Kind: kubetest.Volume, Name: "main", Image: "quay.io/acme/model:7", ImageID: expand("quay.io/acme/model@sha256:{a005}")},
			{Kind: kubetest.Volume, Name: "artifact", Image: expand("quay.io/acme/artifact@sha256:{a006}")},
			{Kind: kubetest.Volume, Name: "blank"},
		}},
		{Namespace: "case-places", Name: "mirror", Node: "linux-amd64", Mirror: true, Containers: []kubetest.Container{
			{Name: "kube-apiserver", Image: "registry.k8s.io/kube-apiserver:v1.36.3", ImageID: expand("sha256:{a007}")},
		}},
		{Namespace: "case-places", Name: "status-only", Node: "linux-amd64", Containers: []kubetest.Container{
			main,
			{Name: "ghost", MissingInSpec: true, Image: "quay.io/acme/ghost:2", ImageID: expand("quay.io/acme/ghost@sha256:{a008}")},
			{Name: "ghost-id", MissingInSpec: true, Image: expand("sha256:{c008}"), ImageID: expand("sha256:{c008}")},
		}},
	}
}

// printed returns what the program prints of the cases.
func printed(t *testing.T, cluster *kubetest.Cluster, kind string) outcome {
	t.Helper()
	got := inside(t, call{args: []string{
		"-external", cluster.Kubeconfig(t), "-dry-run", "-set", "output-kind=" + kind,
		"-set", "namespace-selectors.include=case-*", "-set", "ignore-not-running=false", "prod",
	}})
	require.Equal(t, 0, got.code, got.stderr)
	return got
}

// caseFile reads one of the files that were written by hand.
func caseFile(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "cases", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(expand(string(text))), into))
}

// equalArrays compares array by array and item by item, so that a difference is
// shown and not the whole of both.
func equalArrays(t *testing.T, want, got map[string]any) {
	t.Helper()
	assert.Len(t, got, len(want))
	for key, value := range want {
		items, isArray := value.([]any)
		if !isArray {
			assert.Equal(t, value, got[key], key)
			continue
		}
		present, _ := got[key].([]any)
		assert.Len(t, present, len(items), key)
		for i := range min(len(items), len(present)) {
			assert.Equal(t, items[i], present[i], "%s[%d]", key, i)
		}
	}
}

func TestEveryCaseInTheBodiesForAnchore(t *testing.T) {
	t.Parallel()
	cluster := seedCases(t)
	for _, test := range []struct {
		kind, file string
		check      func([]byte) error
		left       map[string]int
	}{
		{"anchore", "v2.json", anchoretest.CheckV2, map[string]int{"image-blank": 2, "image-volume": 3, "container-without-id": 1}},
		{"kai", "kai.json", anchoretest.CheckKAI, map[string]int{"image-blank": 3}},
	} {
		t.Run(test.kind, func(t *testing.T) {
			got := printed(t, cluster, test.kind)
			require.NoError(t, test.check([]byte(got.stdout)))
			var want, body map[string]any
			caseFile(t, test.file, &want)
			require.NoError(t, json.Unmarshal([]byte(got.stdout), &body))
			assert.Contains(t, body["serverVersionMetadata"], "gitVersion")
			assert.Contains(t, body, "timestamp")
			delete(body, "serverVersionMetadata")
			delete(body, "timestamp")
			equalArrays(t, want, body)
			left := map[string]int{}
			for _, l := range got.summary.Counts.Left {
				left[l.Reason] = l.Count
			}
			assert.Equal(t, test.left, left)
		})
	}
}

func TestEveryCaseInTheNativeBody(t *testing.T) {
	t.Parallel()
	got := printed(t, seedCases(t), "stocktake")
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(root, "collector", "payload", "stocktake.schema.json"))
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(got.stdout))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(document))

	var want map[string][]string
	caseFile(t, "native.json", &want)
	var body nativeCases
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &body))
	assert.NotEmpty(t, body.Cluster.UID, "the UID of kube-system")
	assert.True(t, body.Run.Complete)
	lines := body.lines()
	for namespace := range want {
		assert.Equal(t, want[namespace], lines[namespace])
	}
	assert.Len(t, lines, len(want))
}

// nativeCases is the part of a native body that the cases are about.
type nativeCases struct {
	Cluster struct{ UID string }
	Run     struct{ Complete bool }
	Images  []nativeImage
	Pods    []struct {
		Namespace, Name string
		Static          bool
		Containers      []struct {
			Kind, Name, State, Reason string
			Image                     int
		}
	}
}

type nativeImage struct {
	Name, Tag, Digest string
	DigestSource      string `json:"digest_source"`
	StatusDigest      string `json:"status_digest"`
	DigestRepository  string `json:"digest_repository"`
	ConfigID          string `json:"config_id"`
	Flags             []string
	Platforms         []struct {
		OS, Arch  string
		OSVersion string `json:"os_version"`
	}
}

// lines writes every container as one line, by namespace.
func (b *nativeCases) lines() map[string][]string {
	lines := map[string][]string{}
	for _, p := range b.Pods {
		for _, c := range p.Containers {
			line := fmt.Sprintf("%s/%s/%s: %s", p.Name, c.Kind, c.Name, &b.Images[c.Image])
			if c.State == "waiting" {
				line += " waiting " + c.Reason
			}
			lines[p.Namespace] = append(lines[p.Namespace], line)
		}
	}
	return lines
}

// String returns "name:tag @ digest (source)" and whatever else is out of the
// ordinary; linux/amd64 alone is ordinary.
func (i *nativeImage) String() string {
	s := i.Name
	if i.Name == "" {
		s = "?"
	}
	for _, part := range []struct{ before, text string }{
		{":", i.Tag}, {" @ ", i.Digest}, {" (", i.DigestSource + ")"}, {" config ", i.ConfigID}, {" of ", i.DigestRepository},
		{" status ", strings.TrimPrefix(i.StatusDigest, i.Digest)}, {" on ", i.platforms()}, {" ", strings.Join(i.Flags, " ")},
	} {
		if part.text != "" {
			s += part.before + part.text
		}
	}
	return s
}

func (i *nativeImage) platforms() string {
	var all []string
	for _, p := range i.Platforms {
		name := p.OS + "/" + p.Arch
		if p.OSVersion != "" {
			name += "/" + p.OSVersion
		}
		all = append(all, name)
	}
	if joined := strings.Join(all, " "); joined != "linux/amd64" {
		return joined
	}
	return ""
}
