package report_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/report"
)

// uses are containers of a pod, each as spec.image and status.imageID.
func uses(images ...[2]string) []inventory.Container {
	var all []inventory.Container
	for _, one := range images {
		all = append(all, inventory.Container{Kind: inventory.Regular, Image: image.Resolve(one[0], "", one[1])})
	}
	return all
}

// smallStock has two namespaces in which pods share images, and one that could
// not be read to its end.
func smallStock(t *testing.T) *report.Stock {
	t.Helper()
	s := report.NewStock()
	s.SetNodes([]inventory.Node{
		{Name: "n1", OperatingSystem: "linux", Architecture: "amd64", KernelVersion: "6.12"},
		{Name: "n2", OperatingSystem: "linux", Architecture: "arm64"},
		{Name: "win", OperatingSystem: "windows", Architecture: "amd64", KernelVersion: "10.0.20348.2762"},
	})
	nginx := [2]string{"nginx:1.27", "docker.io/library/nginx@" + digestA}
	web := inventory.Owner{Kind: "Deployment", Name: "web"}
	for _, pod := range []inventory.Pod{
		{Namespace: "shop", Name: "web-abc-1", Node: "n1", Phase: inventory.Running, Workload: web, Containers: uses(nginx, nginx, [2]string{"busybox", digestB})},
		{Namespace: "shop", Name: "web-abc-2", Node: "n2", Phase: inventory.Running, Workload: web, Containers: uses(nginx)},
		{Namespace: "shop", Name: "bad", Phase: inventory.Pending, Containers: uses([2]string{"reg.io/Foo:1", ""})},
		{Namespace: "tools", Name: "once", Node: "win", Phase: inventory.Succeeded, Containers: uses(
			[2]string{"docker.io/library/nginx:1.27", "docker.io/library/nginx@" + digestA}, [2]string{"quay.io/a/b:2", "quay.io/a/b@" + digestB})},
		{Namespace: "tools", Name: "api-n1", Node: "n1", Static: true, Workload: inventory.Owner{Kind: "Node", Name: "n1"}, Phase: inventory.Running, Containers: uses([2]string{"quay.io:8443/api:1", ""})},
	} {
		require.NoError(t, s.Pod(&pod))
		if pod.Name == "bad" || pod.Name == "api-n1" {
			require.NoError(t, s.End(pod.Namespace, nil))
		}
	}
	require.NoError(t, s.Pod(&inventory.Pod{Namespace: "half", Name: "p", Node: "n1", Containers: uses([2]string{"half:1", ""}, nginx)}))
	require.NoError(t, s.End("half", &inventory.Gap{Source: "pods of namespace half", Reason: "forbidden"}))
	return s
}

func TestStockMakesOneLineOfAnImage(t *testing.T) {
	t.Parallel()
	lines := smallStock(t).Images(report.Filter{})

	assert.Equal(t, []string{
		"docker.io/library/busybox:latest",
		"docker.io/library/nginx:1.27@" + digestA,
		"quay.io/a/b:2@" + digestB,
		"quay.io:8443/api:1",
		"reg.io/Foo:1",
	}, references(lines))
	assert.Equal(t, report.Line{
		Reference: "docker.io/library/nginx:1.27@" + digestA, Name: "docker.io/library/nginx", Registry: "docker.io",
		Tag: "1.27", Digest: digestA, Flags: []report.Flag{}, Pods: 3, Running: 2, Containers: 4,
		Namespaces: []string{"shop", "tools"}, Workloads: []string{"shop/Deployment/web", "tools/Pod/once"}, Nodes: []string{"n1", "n2", "win"},
		Platforms: []string{"linux/amd64", "linux/arm64", "windows/amd64/10.0.20348.2762"}, Kinds: []inventory.Kind{inventory.Regular},
	}, lines[1])
}

func references(lines []report.Line) []string {
	var all []string
	for _, line := range lines {
		all = append(all, line.Reference)
	}
	return all
}

func TestStockFlagsWhatSomebodyShouldLookAt(t *testing.T) {
	t.Parallel()
	flags := map[string][]report.Flag{}
	for _, line := range smallStock(t).Images(report.Filter{}) {
		flags[line.Reference] = line.Flags
	}

	assert.Equal(t, map[string][]report.Flag{
		"reg.io/Foo:1":                            {report.NoDigest, report.NotRunning, report.Invalid},
		"docker.io/library/busybox:latest":        {report.NoDigest, report.ConfigIDOnly, report.ImpliedLatest},
		"docker.io/library/nginx:1.27@" + digestA: {},
		"quay.io/a/b:2@" + digestB:                {report.NotRunning},
		"quay.io:8443/api:1":                      {report.NoDigest},
	}, flags)
}

func TestStockGroupsByEachSide(t *testing.T) {
	t.Parallel()
	want := map[report.Grouping][]string{
		report.ByNamespace: {"shop: 3 pods, 2 run, 5 containers, 3 images, 2 without", "tools: 2 pods, 1 run, 3 containers, 3 images, 1 without"},
		report.ByWorkload: {
			"shop/Deployment/web: 2 pods, 2 run, 4 containers, 2 images, 1 without", "shop/Pod/bad: 1 pods, 0 run, 1 containers, 1 images, 1 without",
			"tools/Pod/api-n1: 1 pods, 1 run, 1 containers, 1 images, 1 without", "tools/Pod/once: 1 pods, 0 run, 2 containers, 2 images, 0 without",
		},
		report.ByNode: {
			": 1 pods, 0 run, 1 containers, 1 images, 1 without", "n1 on linux/amd64: 2 pods, 2 run, 4 containers, 3 images, 2 without",
			"n2 on linux/arm64: 1 pods, 1 run, 1 containers, 1 images, 0 without",
			"win on windows/amd64/10.0.20348.2762: 1 pods, 0 run, 2 containers, 2 images, 0 without",
		},
		report.ByRegistry: {
			": 1 pods, 0 run, 1 containers, 1 images, 1 without", "docker.io: 3 pods, 2 run, 5 containers, 2 images, 1 without",
			"quay.io: 1 pods, 0 run, 1 containers, 1 images, 0 without", "quay.io:8443: 1 pods, 1 run, 1 containers, 1 images, 1 without",
		},
	}
	for grouping, lines := range want {
		var got []string
		for _, g := range smallStock(t).By(grouping, report.Filter{}) {
			name := g.Name
			if g.Namespace != "" {
				name = g.Namespace + "/" + name
			}
			if g.Platform != "" {
				name += " on " + g.Platform
			}
			got = append(got, fmt.Sprintf("%s: %d pods, %d run, %d containers, %d images, %d without", name, g.Pods, g.Running, g.Containers, len(g.Images), g.WithoutDigest))
		}
		assert.Equal(t, lines, got, string(grouping))
	}
}

func TestStockShowsOnlyImagesWithoutDigest(t *testing.T) {
	t.Parallel()
	s := smallStock(t)

	assert.Equal(t, []string{"docker.io/library/busybox:latest", "quay.io:8443/api:1", "reg.io/Foo:1"}, references(s.Images(report.Filter{WithoutDigest: true})))
	groups := s.By(report.ByNamespace, report.Filter{WithoutDigest: true})
	assert.Equal(t, []string{"docker.io/library/busybox:latest", "reg.io/Foo:1"}, groups[0].Images)
	assert.Equal(t, 2, groups[0].Pods)
}

func TestStockKnowsNoPodsWhereTheInventoryHasNone(t *testing.T) {
	t.Parallel()
	s := report.NewStock()
	require.NoError(t, s.Pod(&inventory.Pod{Namespace: "shop", Containers: uses([2]string{"nginx:1", "nginx@" + digestA})}))
	require.NoError(t, s.End("shop", nil))

	line := s.Images(report.Filter{})[0]
	assert.Zero(t, s.Pods())
	assert.Equal(t, []int{0, 0, 1}, []int{line.Pods, line.Running, line.Containers})
	assert.Equal(t, []string{"shop"}, line.Namespaces)
	assert.Empty(t, line.Flags, "nothing says that it does not run")
	assert.Equal(t, []string{}, line.Workloads)
}

// What was loaded from an archive has a digest that no registry knows.
func TestTotalCountsLocalImportsAsWithoutDigest(t *testing.T) {
	t.Parallel()
	s := report.NewStock()
	require.NoError(t, s.Pod(&inventory.Pod{Namespace: "shop", Name: "p", Containers: uses(
		[2]string{"nginx:1", "docker.io/library/nginx@" + digestA}, [2]string{"quay.io/a/dns:1", "docker.io/library/import-2025-11-23@" + digestB})}))
	require.NoError(t, s.End("shop", nil))

	var out bytes.Buffer
	require.NoError(t, s.OfImages(report.Filter{}, "").Table(&out, report.Screen{Width: 200}))
	assert.Contains(t, out.String(), "\n2 images, 1 pod, 1 without digest\n")
}

func TestStockCountsOnlyClosedNamespaces(t *testing.T) {
	t.Parallel()
	s := report.NewStock()
	require.NoError(t, s.Pod(&inventory.Pod{Namespace: "open", Name: "p", Containers: uses([2]string{"nginx:1", ""})}))

	assert.Empty(t, s.Images(report.Filter{}))
	assert.Empty(t, s.By(report.ByNode, report.Filter{}))
	assert.Zero(t, s.Pods())
}

// largeStock has 100,000 pods with two containers each, of 5,000 images.
func largeStock(tb testing.TB) *report.Stock {
	tb.Helper()
	images := make([]image.Image, 5000)
	for i := range images {
		images[i] = image.Resolve(fmt.Sprintf("registry.example.com/team-%d/service-%d:1.%d", i%50, i, i%17), "",
			fmt.Sprintf("registry.example.com/team-%d/service-%d@sha256:%064x", i%50, i, i))
	}
	s := report.NewStock()
	for ns := range 500 {
		namespace := fmt.Sprintf("team-%d", ns)
		for p := range 200 {
			pod := inventory.Pod{
				Namespace: namespace, Name: fmt.Sprintf("service-%d-5d4f8c7b9-%d", p/3, p), Node: fmt.Sprintf("node-%d", (ns*200+p)%1000), Phase: inventory.Running,
				Workload: inventory.Owner{Kind: "StatefulSet", Name: fmt.Sprintf("service-%d", p/3)},
				Containers: []inventory.Container{
					{Kind: inventory.Regular, Image: images[(ns*67+p/3)%5000]}, {Kind: inventory.Init, Image: images[ns%20]},
				},
			}
			require.NoError(tb, s.Pod(&pod))
		}
		require.NoError(tb, s.End(namespace, nil))
	}
	return s
}

func TestStockOfALargeClusterIsSmall(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	before := heap()
	s := largeStock(t)
	stock := heap() - before
	lines := s.Images(report.Filter{})
	whole := heap() - before

	assert.Len(t, lines, 5000)
	t.Logf("200,000 containers: %.1f MB in the stock, %.1f MB with 5,000 lines", float64(stock)/1e6, float64(whole)/1e6)
	assert.Less(t, whole, uint64(60e6))
	runtime.KeepAlive(s)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestLinesTellWhyNothingWasTakenFromTheStatus(t *testing.T) {
	t.Parallel()
	s := report.NewStock()
	waits := image.Facts{Spec: "r.io/app:2", Status: "r.io/app:1", ImageID: "r.io/app@" + digestA, Waiting: true}
	short := image.Facts{Spec: "ubi9:1", ImageID: "registry.access.redhat.com/ubi9@" + digestA}
	require.NoError(t, s.Pod(&inventory.Pod{Namespace: "n", Name: "p", Containers: []inventory.Container{{Image: waits.Resolve()}, {Image: short.Resolve()}}}))
	require.NoError(t, s.End("n", nil))
	lines := s.Images(report.Filter{})
	require.Len(t, lines, 2)
	assert.Equal(t, []report.Flag{report.ForeignDigest, report.UnknownRuntime}, lines[0].Flags)
	assert.Equal(t, []report.Flag{report.NoDigest, report.OldStatus}, lines[1].Flags)
}
