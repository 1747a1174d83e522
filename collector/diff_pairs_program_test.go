package collector_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"stocktake/collector"
	"stocktake/collector/internal/kubetest"
)

// shop is a namespace with pods in every part of their life, and images with tags,
// digests, both, neither and two digests.
func shop() []kubetest.Pod {
	pod := func(name, image, status, id string) kubetest.Pod {
		return kubetest.Pod{Namespace: "shop", Name: name, Node: "linux-amd64", Containers: []kubetest.Container{
			{Name: "c", Image: expand(image), StatusImage: expand(status), ImageID: expand(id)},
		}}
	}
	debugged := pod("debugged", "quay.io/acme/debugged:1", "", "quay.io/acme/debugged@sha256:{0010}")
	debugged.Containers = append(debugged.Containers, kubetest.Container{
		Kind: kubetest.Ephemeral, Name: "debugger-x7k2p", Image: "quay.io/acme/ephemeral:1", ImageID: expand("quay.io/acme/ephemeral@sha256:{0011}")})
	late := pod("late", "quay.io/acme/late:1", "", "")
	late.Phase = corev1.PodPending
	partly := pod("partly", "quay.io/acme/partly:1", "", "quay.io/acme/partly@sha256:{0012}")
	partly.Containers = append(partly.Containers, kubetest.Container{Name: "broken", Image: "quay.io/acme/broken:1", State: kubetest.Waiting, Reason: "ImagePullBackOff"})
	finished := pod("finished", "quay.io/acme/finished:1", "", "quay.io/acme/finished@sha256:{0013}")
	finished.Phase = corev1.PodSucceeded
	replica := pod("api-2", "quay.io/acme/api:1.2", "", "")
	replica.Phase = corev1.PodPending
	return []kubetest.Pod{
		pod("api", "quay.io/acme/api:1.2", "", "quay.io/acme/api@sha256:{0001}"), replica,
		pod("web", "nginx", "docker.io/library/nginx:latest", "docker.io/library/nginx@sha256:{0001}"),
		pod("web-7", "nginx", "docker.io/library/nginx:1.27", "docker.io/library/nginx@sha256:{0007}"),
		pod("mine", "myapp", "docker.io/library/myapp:latest", "sha256:{00c0}"),
		pod("bare", "bareapp", "sha256:{00c9}", "sha256:{00c9}"),
		pod("loaded", "loaded:dev", "docker.io/library/loaded:dev", "sha256:{00c1}"),
		pod("redis", "redis@sha256:{0002}", "sha256:{00c2}", "docker.io/library/redis@sha256:{0002}"),
		pod("valkey", "valkey@sha256:{0003}", "valkey@sha256:{0003}", "docker.io/library/valkey@sha256:{0003}"),
		pod("ingress", "registry.k8s.io/c:v1@sha256:{0004}", "sha256:{00c4}", "registry.k8s.io/c@sha256:{0005}"),
		pod("pinned", "quay.io/acme/pinned:1@sha256:{0008}", "quay.io/acme/pinned:1", "sha256:{00c8}"),
		pod("port", "localhost:5000/team/app", "localhost:5000/team/app:latest", "localhost:5000/team/app@sha256:{0006}"),
		late, partly, finished, debugged,
	}
}

// body is one way of writing down a cluster.
type body struct {
	path string
	all  bool // names what does not run
	// program is who wrote it: collector, KAI, or a kind of ours.
	program string
	drops   bool // images without a tag
}

// bodiesOf writes a cluster down in every way.
func bodiesOf(t *testing.T, l *listing) map[string]body {
	t.Helper()
	bodies := map[string]body{}
	for name, form := range map[string]collectorForm{
		"digest": {policy: "digest"}, "insert": {policy: "insert"}, "drop": {policy: "drop"},
		"all digest": {policy: "digest", all: true}, "all insert": {policy: "insert", all: true}, "all drop": {policy: "drop", all: true},
		"posted": {policy: "digest", posted: true, all: true}, "bare": {policy: "digest", bare: true}, "batches": {policy: "digest", namespaces: 1},
	} {
		bodies["collector "+name] = body{written(t, form.write(l)...), form.all, "collector", form.policy == "drop"}
	}
	for _, policy := range []string{"digest", "insert", "drop"} {
		bodies["KAI "+policy] = body{written(t, kaiForm{policy, false}.write(l)), false, "KAI", policy == "drop"}
		bodies["KAI all "+policy] = body{written(t, kaiForm{policy, true}.write(l)), true, "KAI", policy == "drop"}
	}
	kubeconfig := l.serve(t)
	save := func(kind string, settings ...string) string { return saveAs(t, kubeconfig, kind, settings...) }
	for _, kind := range []string{"anchore", "kai"} {
		bodies[kind] = body{save(kind), false, kind, false}
		bodies[kind+" all"] = body{save(kind, "ignore-not-running=false"), true, kind, false}
		bodies[kind+" drop"] = body{save(kind, "missing-tag-policy.policy=drop"), false, kind, true}
		bodies[kind+" insert"] = body{save(kind, "missing-tag-policy.policy=insert"), false, kind, false}
	}
	bodies["stocktake"] = body{save("stocktake"), true, "stocktake", false}
	return bodies
}

// compareFiles compares as the command does, hundreds of times.
func compareFiles(t *testing.T, old, after string) diffed {
	t.Helper()
	var stdout, stderr bytes.Buffer
	inv := collector.Invocation{Stdout: &stdout, Stderr: &stderr, Environ: []string{"HOME=" + t.TempDir()}}
	code := collector.Diff(t.Context(), inv, collector.DiffQuery{Old: old, New: after}, collector.DiffView{Format: "json"})
	d := readDiff(t, outcome{stdout: stdout.String(), stderr: stderr.String()})
	assert.Equal(t, map[bool]int{true: 0, false: 10}[d.Same], int(code), stderr.String())
	return d
}

// Whoever made them, with whatever settings: bodies of the same pods are the same.
func TestDiffOfEveryPairOfBodiesOfTheSamePods(t *testing.T) {
	t.Parallel()
	pods := append(append(runtimeCases(), placeCases()...), shop()...)
	bodies := bodiesOf(t, listingOf(pods, "case-places", "case-runtimes", "shop", "unused"))
	names := slices.Sorted(maps.Keys(bodies))
	for _, one := range names {
		for _, other := range names {
			for _, c := range compareFiles(t, bodies[one].path, bodies[other].path).Changes {
				image := c.Name + ":" + c.Tag
				assert.Contains(t, untold(bodies[one], bodies[other]), image, "%s and %s: %s %s", one, other, c.Change, c.Namespaces)
				assert.Equal(t, c.Change == "re-tagged", c.Doubt != "", "%s: it is said why", image)
			}
		}
	}
}

// untold are the images of which nobody can tell from the two bodies that nothing has
// changed, because one of them does not hold the fact. There are none beside a native
// body, nor between bodies that name the same pods.
func untold(one, other body) []string {
	var images []string
	if one.program == "stocktake" || other.program == "stocktake" {
		return nil
	}
	if one.all != other.all { // nothing says which images are those of pods that do not run
		images = append(images, "quay.io/acme/finished:1", "quay.io/acme/late:1", "docker.io/library/bad:tag")
	}
	programs := []string{one.program, other.program}
	has := func(name string) bool { return slices.Contains(programs, name) }
	if has("KAI") && (has("kai") || has("anchore")) { // ephemeral containers look like others there
		images = append(images, "docker.io/library/busybox:1.36", "quay.io/acme/ephemeral:1")
	}
	if has("KAI") && has("kai") { // volumes look like containers there
		images = append(images, "quay.io/acme/model:7", "quay.io/acme/artifact:", "quay.io/acme/artifact:UNKNOWN")
	}
	if has("collector") && (has("KAI") || has("kai")) { // one has the pinned digest, the other the reported one
		images = append(images, "k8s.gcr.io/ingress-nginx/controller:v0.48.1", "registry.k8s.io/c:v1")
	}
	if has("collector") && has("KAI") && (one.drops || other.drops) { // the one drops what the other gives the node's tag
		images = append(images, "docker.io/library/nginx:1.27", "docker.io/library/nginx:latest", "localhost:5000/team/app:latest")
	}
	return images
}

// A change that both bodies hold is a change, whoever made them.
func TestDiffOfEveryPairFindsAChange(t *testing.T) {
	t.Parallel()
	pod := func(name, image, digest string) kubetest.Pod {
		repository, _, _ := strings.Cut(image, ":")
		return kubetest.Pod{Namespace: "shop", Name: name, Node: "linux-amd64", Containers: []kubetest.Container{
			{Name: "c", Image: image, ImageID: expand(repository + "@sha256:" + digest)},
		}}
	}
	stays := pod("stays", "quay.io/acme/stays:1", "{0001}")
	old := bodiesOf(t, listingOf([]kubetest.Pod{stays, pod("api-1", "quay.io/acme/api:1", "{0002}"), pod("gone", "quay.io/acme/gone:1", "{0003}")}, "shop", "unused"))
	after := bodiesOf(t, listingOf([]kubetest.Pod{stays, pod("api-2", "quay.io/acme/api:1", "{0004}"), pod("fresh", "quay.io/acme/fresh:1", "{0005}")}, "shop", "unused"))
	for one := range old {
		for other := range after {
			rows := map[string]string{}
			for _, c := range compareFiles(t, old[one].path, after[other].path).Changes {
				rows[c.Name] = c.Change
			}
			want := map[string]string{"quay.io/acme/api": "re-tagged", "quay.io/acme/gone": "removed", "quay.io/acme/fresh": "added"}
			// A body of ours of the kind kai may name volumes, for which Anchore's has no room.
			withPods := func(b body) bool { return b.program == "collector" || b.program == "anchore" }
			if old[one].program == "kai" && withPods(after[other]) {
				delete(want, "quay.io/acme/gone")
			}
			if after[other].program == "kai" && withPods(old[one]) {
				delete(want, "quay.io/acme/fresh")
			}
			assert.Equal(t, want, rows, "%s and %s", one, other)
		}
	}
}
