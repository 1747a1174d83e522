package payload

import (
	"bytes"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

// nativeBody is the native body as encoding/json reads it.
type nativeBody struct {
	Cluster struct{ Name, UID string }
	Run     struct {
		ID          string
		ToolVersion string `json:"tool_version"`
		Started     time.Time
		Finished    time.Time
		Complete    bool
	}
	Gaps       []inventory.Gap
	Nodes      []struct{ Name string }
	Namespaces []struct {
		Name             string
		Pods, Containers int
	}
	Images []nativeImage
	Pods   []struct {
		Namespace, Name, Phase, Node string
		Containers                   []struct {
			Kind, Name, State, Reason string
			Image                     int
		}
	}
}

type nativeImage struct {
	Written          string
	Pods, Containers int
	Platforms        []nativePlatform
}

type nativePlatform struct {
	OS, Arch         string
	OSVersion        string `json:"os_version"`
	Pods, Containers int
}

// published is the schema, compiled once.
var published = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return jsonschema.NewCompiler().Compile("stocktake.schema.json")
})

// readNative checks a native body against the schema and against itself.
func readNative(t testing.TB, body *Body) nativeBody {
	t.Helper()
	plain := clustertest.Unpack(t, clustertest.ReadAll(t, body.Gzip()))
	require.Equal(t, int64(len(plain)), body.Size())
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	require.NoError(t, err)
	schema, err := published()
	require.NoError(t, err)
	require.NoError(t, schema.Validate(document))
	var native nativeBody
	require.NoError(t, json.Unmarshal(plain, &native))
	require.Len(t, native.Pods, body.Pods)
	native.checkCounts(t)
	return native
}

// checkCounts counts again what the body says of its images and namespaces.
func (n *nativeBody) checkCounts(t testing.TB) {
	t.Helper()
	images := make([]tally, len(n.Images))
	namespaces := map[string]tally{}
	for _, p := range n.Pods {
		seen := map[int]bool{}
		for _, c := range p.Containers {
			require.Less(t, c.Image, len(n.Images))
			images[c.Image].containers++
			if !seen[c.Image] {
				images[c.Image].pods++
			}
			seen[c.Image] = true
		}
		ns := namespaces[p.Namespace]
		ns.add(tally{1, len(p.Containers)})
		namespaces[p.Namespace] = ns
	}
	for i, img := range n.Images {
		require.Equal(t, tally{img.Pods, img.Containers}, images[i], img.Written)
		require.Positive(t, img.Containers, "an image that nobody uses: %s", img.Written)
		var sum tally
		for _, p := range img.Platforms {
			sum.add(tally{p.Pods, p.Containers})
		}
		require.LessOrEqual(t, sum.pods, img.Pods)
		require.LessOrEqual(t, sum.containers, img.Containers)
	}
	for _, ns := range n.Namespaces {
		require.Equal(t, tally{ns.Pods, ns.Containers}, namespaces[ns.Name], ns.Name)
		delete(namespaces, ns.Name)
	}
	require.Empty(t, namespaces, "pods of a namespace that is not listed")
}

func nativeHead() Head {
	h := smallHead()
	h.ClusterUID, h.Run, h.ToolVersion = "cccccccc-0000-4000-8000-000000000001", "3f0c1d2e", "1.2.3"
	h.Nodes = clustertest.NativeNodes()
	return h
}

func TestNativeBodyMatchesTheGoldenFile(t *testing.T) {
	t.Parallel()
	// Routes, limits and filters of pods are for receivers that ask for them.
	h := nativeHead()
	h.Route = func(inventory.Namespace) []string { return nil }
	b := newBuilder(t, Stocktake, h, Options{IgnoreNotRunning: true, MaxNamespaces: 1, MaxBytes: 1, Registry: "reg.io", TagPolicy: PolicyDrop})
	require.NoError(t, clustertest.Visit(b, clustertest.Each(clustertest.NativePods())))
	bodies, err := b.Close(clustertest.Outcome())
	require.NoError(t, err)
	require.Len(t, bodies, 1)
	readNative(t, bodies[0])
	golden(t, "stocktake.json", clustertest.Indent(t, clustertest.ReadAll(t, bodies[0].Plain())))
	stats, err := json.MarshalIndent(b.Stats(), "", "  ")
	require.NoError(t, err)
	golden(t, "stocktake.stats.json", append(stats, '\n'))
}

func TestNativeBodyTellsHowTheRunEnded(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Stocktake, head("a", "b"), Options{})
	visit(t, b, "a", 2)
	require.NoError(t, b.Pod(onePod("b", 1, 6)))
	require.NoError(t, b.End("b", gap))
	bodies, err := b.Close(inventory.Outcome{Gaps: []inventory.Gap{*gap}, Finished: time.Unix(1_780_000_000, 0)})
	require.NoError(t, err)
	got := readNative(t, bodies[0])
	assert.False(t, got.Run.Complete)
	assert.Equal(t, []inventory.Gap{*gap}, got.Gaps)
	require.Len(t, got.Namespaces, 1)
	assert.Equal(t, "a", got.Namespaces[0].Name)
	assert.Equal(t, int64(1_780_000_000), got.Run.Finished.Unix())
}

// Whatever is dropped in between, the counts are those of the pods in the body.
func TestImagesAreCountedByPlatform(t *testing.T) {
	t.Parallel()
	h := head("a", "b", "c")
	h.Nodes = []inventory.Node{
		{Name: "n1", OperatingSystem: "linux", Architecture: "amd64"},
		{Name: "n2", OperatingSystem: "linux", Architecture: "arm64"},
		{Name: "w1", OperatingSystem: "windows", Architecture: "amd64", KernelVersion: "10.0.20348.2762"},
		{Name: "w2", OperatingSystem: "windows", Architecture: "amd64", KernelVersion: "10.0.26100.1"},
	}
	b := newBuilder(t, Stocktake, h, Options{})
	number := 0
	run := func(namespace string, nodes ...string) {
		for _, node := range nodes {
			number++
			p := onePod(namespace, number, 6)
			p.Node = node
			p.Containers[0].Image = image.Resolve("acme/app:1", "", "")
			p.Containers = append(p.Containers, p.Containers[0])
			require.NoError(t, b.Pod(p))
		}
	}
	run("a", "n1", "n1", "n2", "gone", "")
	require.NoError(t, b.End("a", nil))
	run("b", "n1", "w1")
	visitOne := onePod("b", 1000, 6)
	visitOne.Containers[0].Image = image.Resolve("acme/dropped:1", "", "")
	require.NoError(t, b.Pod(visitOne))
	require.NoError(t, b.End("b", gap))
	run("c", "w2", "n2")
	visitOne.Namespace, visitOne.Containers[0].Image = "c", image.Resolve("acme/kept:1", "", "")
	require.NoError(t, b.Pod(visitOne))
	require.NoError(t, b.End("c", nil))

	got := readNative(t, closed(t, b, false)[0])
	assert.Equal(t, []nativeImage{
		{Written: "acme/app:1", Pods: 7, Containers: 14, Platforms: []nativePlatform{
			{OS: "linux", Arch: "amd64", Pods: 2, Containers: 4},
			{OS: "linux", Arch: "arm64", Pods: 2, Containers: 4},
			{OS: "windows", Arch: "amd64", OSVersion: "10.0.26100.1", Pods: 1, Containers: 2},
		}},
		{Written: "acme/kept:1", Pods: 1, Containers: 1, Platforms: []nativePlatform{{OS: "linux", Arch: "amd64", Pods: 1, Containers: 1}}},
	}, got.Images)
	assert.Equal(t, 2, b.Stats().Images)
}

func TestNativeBodyHoldsEveryPodOfALargeCluster(t *testing.T) {
	t.Parallel()
	for _, memory := range []Bytes{0, 1 << 30} {
		body := newCluster(3000, 3, 10).build(t, Stocktake, Options{SpoolMemory: memory, SpoolDir: t.TempDir()})[0]
		got := readNative(t, body)
		assert.Len(t, got.Pods, 3000)
		assert.Len(t, got.Nodes, 10)
		assert.Equal(t, []string{"team-000", "team-001", "team-002"}, body.Namespaces)
		assert.Equal(t, 6000, body.Containers)
	}
}

// Nothing that a cluster can say makes a body that the schema rejects.
func FuzzNativeBodyIsValid(f *testing.F) {
	f.Add("web", "nginx:1.27", "nginx:1.27", "docker.io/library/nginx@sha256:"+clustertest.HexA, "amd64")
	f.Add("\xff", "", "sha256:"+clustertest.HexA, "docker://sha256:"+clustertest.HexB, "")
	f.Add("a\u2028", "x@sha256:2e50", "", clustertest.HexA, "\x00")
	f.Fuzz(func(t *testing.T, text, spec, status, imageID, arch string) {
		h := head("a")
		h.Nodes[0].Architecture = arch
		h.Cluster, h.ClusterUID, h.Run, h.ToolVersion = text, text, text, text
		b := newBuilder(t, Stocktake, h, Options{})
		p := onePod("a", 1, 0)
		p.UID, p.Node, p.Phase, p.Owner = text, text, inventory.Phase(text), inventory.Owner{Kind: text, Name: text}
		p.Workload = p.Owner
		p.Labels = []inventory.Label{{Key: text, Value: text}}
		p.Containers = []inventory.Container{{Kind: inventory.Regular, Name: text, ID: text, Reason: text, Image: image.Resolve(spec, status, imageID)}}
		require.NoError(t, b.Pod(p))
		bodies, err := b.Close(inventory.Outcome{Gaps: []inventory.Gap{{Source: "pods", Reason: text}}})
		require.NoError(t, err)
		readNative(t, bodies[0])
	})
}
