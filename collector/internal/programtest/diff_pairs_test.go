package programtest_test

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
	"stocktake/collector/view"
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
	// program is who wrote it: collector, KAI, or a kind of ours.
	program string
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
		bodies["collector "+name] = body{written(t, form.write(l)...), "collector"}
	}
	for _, policy := range []string{"digest", "insert", "drop"} {
		bodies["KAI "+policy] = body{written(t, kaiForm{policy, false}.write(l)), "KAI"}
		bodies["KAI all "+policy] = body{written(t, kaiForm{policy, true}.write(l)), "KAI"}
	}
	kubeconfig := l.serve(t)
	save := func(kind string, settings ...string) string { return saveAs(t, kubeconfig, kind, settings...) }
	for _, kind := range []string{"anchore", "kai"} {
		bodies[kind] = body{save(kind), kind}
		bodies[kind+" all"] = body{save(kind, "ignore-not-running=false"), kind}
		bodies[kind+" drop"] = body{save(kind, "missing-tag-policy.policy=drop"), kind}
		bodies[kind+" insert"] = body{save(kind, "missing-tag-policy.policy=insert"), kind}
	}
	bodies["stocktake"] = body{save("stocktake"), "stocktake"}
	return bodies
}

// compareFiles compares as the command does, hundreds of times.
func compareFiles(t *testing.T, old, after string) diffed {
	t.Helper()
	var stdout, stderr bytes.Buffer
	inv := collector.Invocation{Stdout: &stdout, Stderr: &stderr, Environ: []string{"HOME=" + t.TempDir()}}
	code := view.Diff(t.Context(), inv, view.DiffQuery{Old: old, New: after}, view.DiffOptions{Format: "json"})
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
	for i, one := range names {
		for j, other := range names {
			if (i+j)%2 == 0 && i > j || (i+j)%2 == 1 && i < j {
				continue // the other way round it is compared
			}
			for _, c := range compareFiles(t, bodies[one].path, bodies[other].path).Changes {
				assert.Fail(t, "a change of the same pods", "%s and %s: %s %s:%s %s", one, other, c.Change, c.Name, c.Tag, c.Namespaces)
			}
		}
	}
}

// shopBefore and shopAfter are a namespace in which an image got another content, a new
// version, was taken away, and was added.
func shopBefore(also ...kubetest.Pod) []kubetest.Pod {
	return append(also, shopPod("stays", "quay.io/acme/stays:1", "{0001}"), shopPod("api-1", "quay.io/acme/api:1", "{0002}"),
		shopPod("web-1", "quay.io/acme/web:1", "{0006}"), shopPod("gone", "quay.io/acme/gone:1", "{0003}"))
}

func shopAfter(also ...kubetest.Pod) []kubetest.Pod {
	return append(also, shopPod("stays", "quay.io/acme/stays:1", "{0001}"), shopPod("api-2", "quay.io/acme/api:1", "{0004}"),
		shopPod("web-2", "quay.io/acme/web:2", "{0007}"), shopPod("fresh", "quay.io/acme/fresh:1", "{0005}"))
}

func shopPod(name, image, digest string) kubetest.Pod {
	repository, _, _ := strings.Cut(image, ":")
	return kubetest.Pod{
		Namespace: "shop", Name: name, Node: "linux-amd64", Labels: map[string]string{"pod-template-hash": "5d4f"},
		Containers: []kubetest.Container{{Name: "c", Image: image, ImageID: expand(repository + "@sha256:" + digest)}},
	}
}

// changesIn are those that a comparison counts, and with the uncertain ones all that it found.
func changesIn(d diffed) (counted, found map[string]string) {
	counted, found = map[string]string{}, map[string]string{}
	for _, c := range d.Changes {
		counted[c.Name+":"+c.Tag], found[c.Name+":"+c.Tag] = c.Change, c.Change
	}
	for _, c := range d.Uncertain {
		found[c.Name+":"+c.Tag] = c.Change
	}
	return counted, found
}

// shopChanges are what everybody finds in the shop, and what some only suspect.
func shopChanges() (certain, all map[string]string) {
	certain = map[string]string{"quay.io/acme/api:1": "re-tagged", "quay.io/acme/web:1": "removed", "quay.io/acme/web:2": "added"}
	all = maps.Clone(certain)
	all["quay.io/acme/gone:1"], all["quay.io/acme/fresh:1"] = "removed", "added"
	return certain, all
}

// pinnedOrReported reports whether one of the two may give the digest that is pinned and
// the other the one that the node reports, so that nobody can tell a pin from a tag with
// another content.
func pinnedOrReported(one, other body) bool {
	ofKAI := func(b body) bool { return b.program == "KAI" || b.program == "kai" }
	ofAnchore := func(b body) bool { return b.program == "collector" || b.program == "anchore" }
	return ofKAI(one) && ofAnchore(other) || ofAnchore(one) && ofKAI(other)
}

// A change that both bodies hold is a change, whoever made them, or at least suspected.
func TestDiffOfEveryPairFindsAChange(t *testing.T) {
	t.Parallel()
	old := bodiesOf(t, listingOf(shopBefore(), "shop", "unused"))
	after := bodiesOf(t, listingOf(shopAfter(), "shop", "unused"))
	_, all := shopChanges()
	for one := range old {
		for other := range after {
			counted, found := changesIn(compareFiles(t, old[one].path, after[other].path))
			assert.Equal(t, all, found, "%s and %s", one, other)
			want := maps.Clone(all)
			// Our body of the kind kai may name ephemeral containers and volumes, which the
			// others have not; only what has a counterpart is certain then.
			others := func(b body) bool { return b.program != "kai" && b.program != "stocktake" }
			if pinnedOrReported(old[one], after[other]) {
				delete(want, "quay.io/acme/api:1")
			}
			if old[one].program == "kai" && others(after[other]) {
				delete(want, "quay.io/acme/gone:1")
			}
			if after[other].program == "kai" && others(old[one]) {
				delete(want, "quay.io/acme/fresh:1")
			}
			assert.Equal(t, want, counted, "%s and %s", one, other)
		}
	}
}

// The same beside pods that do not run, in which bodies of different settings differ:
// nothing goes unseen, and bodies of one program and its settings tell everything.
func TestDiffFindsAChangeBesidePodsThatDoNotRun(t *testing.T) {
	t.Parallel()
	late, ended, debugged := shopPod("late", "quay.io/acme/late:1", ""), shopPod("job", "quay.io/acme/job:1", "{0008}"), shopPod("debugged", "quay.io/acme/debugged:1", "{0009}")
	late.Phase, late.Containers[0].ImageID, late.Labels = corev1.PodPending, "", nil
	ended.Phase, ended.Labels = corev1.PodSucceeded, nil
	debugged.Containers = append(debugged.Containers, kubetest.Container{
		Kind: kubetest.Ephemeral, Name: "debugger-x7k2p", Image: "quay.io/acme/ephemeral:1", ImageID: expand("quay.io/acme/ephemeral@sha256:{0010}")})
	old := bodiesOf(t, listingOf(shopBefore(late, ended, debugged), "shop", "unused"))
	after := bodiesOf(t, listingOf(shopAfter(late, ended, debugged), "shop", "unused"))
	certain, all := shopChanges()
	for one := range old {
		for other := range after {
			counted, found := changesIn(compareFiles(t, old[one].path, after[other].path))
			assert.Subset(t, found, all, "%s and %s", one, other)
			want := maps.Clone(certain)
			if pinnedOrReported(old[one], after[other]) {
				delete(want, "quay.io/acme/api:1")
			}
			assert.Subset(t, counted, want, "%s and %s", one, other)
			assert.Subset(t, all, counted, "%s and %s", one, other)
			if one == other {
				assert.Equal(t, all, counted, "%s", one)
			}
		}
	}
}
