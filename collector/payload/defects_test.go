package payload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

// The tests of this file are named after defects of anchore-k8s-inventory 1.8.4
// that users know, and show what happens here. Those with a number are of the list
// in which the first is that a failed listing of namespaces is discarded; those
// with a U are of the list that begins with the policy insert.

// v2Images returns image_tag and image_digest of every container, by its name.
func v2Images(t *testing.T, opts Options, containers ...inventory.Container) map[string][2]string {
	t.Helper()
	b := newBuilder(t, Anchore, head("a"), opts)
	require.NoError(t, b.Pod(&inventory.Pod{Namespace: "a", Name: "p", UID: clustertest.UIDPod1, Node: "n1", Phase: inventory.Running, Containers: containers}))
	images := map[string][2]string{}
	for _, c := range readV2(t, closedAfter(t, b, "a")[0]).Containers {
		images[c.Name] = [2]string{c.Tag, c.Digest}
	}
	return images
}

func closedAfter(t *testing.T, b *Builder, namespace string) []*Body {
	t.Helper()
	require.NoError(t, b.End(namespace, nil))
	return closed(t, b, true)
}

// The policy was checked under one name and looked for under another, so that
// images without a tag went out without one. Also U1.
func TestDefect02InsertPolicyInserts(t *testing.T) {
	t.Parallel()
	for _, policy := range []TagPolicy{PolicyInsert, policyDummy} {
		got := v2Images(t, Options{TagPolicy: policy}, clustertest.Container(inventory.Regular, "c", "python@sha256:"+clustertest.HexA, ""))
		assert.Equal(t, [2]string{"python:UNKNOWN", "sha256:" + clustertest.HexA}, got["c"])
	}
}

// An image without a tag got its digest for one, although the runtime pulled latest.
func TestDefect03UntaggedImageIsLatest(t *testing.T) {
	t.Parallel()
	got := v2Images(t, Options{TagPolicy: PolicyDigest},
		clustertest.Container(inventory.Regular, "known", "nginx", "docker.io/library/nginx@sha256:"+clustertest.HexA),
		clustertest.Container(inventory.Regular, "unknown", "myapp", "sha256:"+clustertest.HexB))
	assert.Equal(t, map[string][2]string{"known": {"nginx:latest", "sha256:" + clustertest.HexA}, "unknown": {"myapp:latest", ""}}, got)
}

func TestDefect04EphemeralContainersAreReported(t *testing.T) {
	t.Parallel()
	got := v2Images(t, Options{}, clustertest.Container(inventory.Ephemeral, "debug", "busybox:1", "docker.io/library/busybox@sha256:"+clustertest.HexB))
	assert.Equal(t, [2]string{"busybox:1", "sha256:" + clustertest.HexB}, got["debug"])
}

// Every route that matched added the namespace once more, and its containers.
func TestDefect08NamespaceInTwoRoutesIsSentOnce(t *testing.T) {
	t.Parallel()
	h := head("a")
	h.Route = func(inventory.Namespace) []string { return []string{"blue", "blue"} }
	b := newBuilder(t, Anchore, h, Options{})
	visit(t, b, "a", 3)
	bodies := closed(t, b, true)
	require.Len(t, bodies, 1)
	got := readV2(t, bodies[0])
	assert.Len(t, got.Namespaces, 1)
	assert.Len(t, got.Pods, 3)
	assert.Len(t, got.Containers, 3)
}

// Maps were walked in their random order: three different bodies in four runs.
func TestDefect21OrderIsThatOfTheAPI(t *testing.T) {
	t.Parallel()
	run := func() *Body {
		b := newBuilder(t, Anchore, smallHead(), Options{})
		require.NoError(t, clustertest.Visit(b, clustertest.Each(clustertest.SmallPods())))
		return closed(t, b, true)[0]
	}
	first := run()
	for range 8 {
		require.Equal(t, clustertest.ReadAll(t, first.Gzip()), clustertest.ReadAll(t, run().Gzip()))
	}
	var pods []string
	for _, p := range readV2(t, first).Pods {
		pods = append(pods, p.Name)
	}
	assert.Equal(t, []string{"kinds", "again", "done", "unscheduled"}, pods)
}

// Their containers were left out, but the pods themselves were sent.
func TestDefect26PodsThatDoNotRunAreLeftOutWhole(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Anchore, head("a"), Options{IgnoreNotRunning: true})
	for i, phase := range []inventory.Phase{inventory.Pending, inventory.Running, inventory.Succeeded, inventory.Failed, inventory.Unknown, ""} {
		p := onePod("a", i, 6)
		p.Phase = phase
		require.NoError(t, b.Pod(p))
	}
	got := readV2(t, closedAfter(t, b, "a")[0])
	require.Len(t, got.Pods, 1)
	require.Len(t, got.Containers, 1)
	assert.Equal(t, "pod-1", got.Pods[0].Name)
	assert.Equal(t, []Left{{Reason: PodNotRunning, Count: 5, Names: []string{"a/pod-0", "a/pod-2", "a/pod-3", "a/pod-4", "a/pod-5"}}}, b.Left())
}

// In batches, a pod that is not scheduled brought a node without UID with it,
// for which the receiver refuses the whole body.
func TestDefect27PodsWithoutNodeBringNoNode(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, Anchore, head("a", "b"), Options{MaxNamespaces: 1})
	p := onePod("a", 1, 6)
	p.Node = ""
	require.NoError(t, b.Pod(p))
	require.NoError(t, b.End("a", nil))
	visit(t, b, "b", 1)
	bodies := closed(t, b, true)
	require.Len(t, bodies, 2)
	assert.Empty(t, nodeNames(t, bodies[0]))
	assert.Empty(t, readV2(t, bodies[0]).Pods[0].NodeUID)
	assert.Equal(t, []string{"n1"}, nodeNames(t, bodies[1]))
}

// Containers of all kinds shared one map by name, ephemeral containers and image
// volumes were in none.
func TestDefectU7ContainersOfEveryKindAreKeptApart(t *testing.T) {
	t.Parallel()
	pod := inventory.Pod{Namespace: "a", Name: "p", UID: clustertest.UIDPod1, Node: "n1", Phase: inventory.Running}
	kinds := []inventory.Kind{inventory.Init, inventory.Sidecar, inventory.Regular, inventory.Ephemeral, inventory.Volume}
	for i, kind := range kinds {
		c := clustertest.Container(kind, "same", "acme/"+string(kind)+":1", "")
		if kind != inventory.Volume {
			c.ID = "containerd://" + string(rune('0'+i))
		}
		pod.Containers = append(pod.Containers, c)
	}
	body := func(kind Kind) *Body {
		b := newBuilder(t, kind, head("a"), Options{})
		require.NoError(t, b.Pod(&pod))
		return closedAfter(t, b, "a")[0]
	}
	var v2 []string
	for _, c := range readV2(t, body(Anchore)).Containers {
		v2 = append(v2, c.Tag)
	}
	assert.Equal(t, []string{"acme/init:1", "acme/sidecar:1", "acme/container:1", "acme/ephemeral:1"}, v2, "a volume has no container")
	assert.Contains(t, string(clustertest.ReadAll(t, body(KAI).Plain())), `"acme/volume:1"`)
	native := readNative(t, body(Stocktake))
	for i, c := range native.Pods[0].Containers {
		assert.Equal(t, string(kinds[i]), c.Kind)
		assert.Equal(t, "acme/"+c.Kind+":1", native.Images[c.Image].Written)
	}
}

// The name ended with a colon, which is no reference.
func TestDefectU8NoNameEndsWithAColon(t *testing.T) {
	t.Parallel()
	for _, policy := range []TagPolicy{PolicyDigest, PolicyInsert, PolicyDrop} {
		got := v2Images(t, Options{TagPolicy: policy}, clustertest.Container(inventory.Regular, "c", "python", ""))
		assert.Equal(t, map[string][2]string{"c": {"python:latest", ""}}, got, policy)
	}
}

// The digest that the spec pins was thrown away when the runtime reported an ID.
func TestDefectU8aPinnedDigestIsKept(t *testing.T) {
	t.Parallel()
	for _, imageID := range []string{"sha256:" + clustertest.HexB, clustertest.HexB, "docker://sha256:" + clustertest.HexB, ""} {
		got := v2Images(t, Options{}, clustertest.Container(inventory.Regular, "c", "r/x:v1@sha256:"+clustertest.HexA, imageID))
		assert.Equal(t, [2]string{"r/x:v1", "sha256:" + clustertest.HexA}, got["c"], imageID)
	}
}

// localhost got a registry, and a path of three parts got none.
func TestDefectU8bRegistryOverrideKnowsRegistries(t *testing.T) {
	t.Parallel()
	got := v2Images(t, Options{Registry: "reg.example.com"},
		clustertest.Container(inventory.Regular, "local", "localhost/foo:1", ""),
		clustertest.Container(inventory.Regular, "team", "org/team/app:1", ""),
		clustertest.Container(inventory.Regular, "short", "nginx", ""))
	assert.Equal(t, map[string][2]string{
		"local": {"localhost/foo:1", ""}, "team": {"reg.example.com/org/team/app:1", ""}, "short": {"reg.example.com/nginx:latest", ""},
	}, got)
}

// All that followed the @ was sent as the digest.
func TestDefectU9OnlyDigestsAreSentAsDigests(t *testing.T) {
	t.Parallel()
	for _, imageID := range []string{
		"docker.io/library/nginx@sha256:" + clustertest.HexA + "-and-more", "docker.io/library/nginx@sha256:" + clustertest.HexA[:32], "docker.io/library/nginx@sha256:" + clustertest.HexA + " ",
		"docker.io/library/nginx@md5:" + clustertest.HexA, "docker.io/library/nginx@",
	} {
		got := v2Images(t, Options{}, clustertest.Container(inventory.Regular, "c", "nginx:1", imageID))
		assert.Equal(t, [2]string{"nginx:1", ""}, got["c"], imageID)
		assert.True(t, image.Resolve("nginx:1", "", imageID).Flags.Has(image.UnknownImageID))
	}
}
