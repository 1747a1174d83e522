package payload

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/inventory"
)

// The small cluster of the golden files: every case that the encoders tell apart.
const (
	uidA     = "aaaaaaaa-0000-4000-8000-000000000001"
	uidB     = "bbbbbbbb-0000-4000-8000-000000000002"
	uidEmpty = "eeeeeeee-0000-4000-8000-000000000003"
	uidNode1 = "11111111-0000-4000-8000-000000000001"
	uidNode2 = "22222222-0000-4000-8000-000000000002"
	uidPod1  = "0a0a0a0a-0000-4000-8000-000000000001"
	uidPod2  = "0a0a0a0a-0000-4000-8000-000000000002"
	uidPod3  = "0a0a0a0a-0000-4000-8000-000000000003"
	uidPod4  = "0a0a0a0a-0000-4000-8000-000000000004"
)

var (
	hexA = strings.Repeat("a", 64)
	hexB = strings.Repeat("b", 64)
)

func smallHead() Head {
	return Head{
		Cluster: "prod-1",
		Time:    time.Date(2026, 3, 4, 6, 6, 7, 8, time.FixedZone("CET", 3600)),
		Server:  testServer,
		Namespaces: []inventory.Namespace{
			{Name: "empty", UID: uidEmpty},
			{Name: "team-a", UID: uidA, Labels: []inventory.Label{{Key: "tier", Value: "<b> & \"c\""}}, Annotations: []inventory.Label{{Key: "owner", Value: "Zoë"}}},
			{Name: "team-b", UID: uidB},
			{Name: "no-uid"},
		},
		Nodes: []inventory.Node{
			{Name: "n1", UID: uidNode1, Architecture: "amd64", OperatingSystem: "linux", OSImage: "Debian", KernelVersion: "6.1", ContainerRuntimeVersion: "containerd://2.2.1", KubeletVersion: "v1.36.3", Labels: []inventory.Label{{Key: "zone", Value: "a"}}},
			{Name: "bare", UID: uidNode2},
			{Name: "no-uid", UID: "mirror"},
		},
	}
}

func container(kind inventory.Kind, name, spec, imageID string) inventory.Container {
	c := inventory.Container{Kind: kind, Name: name, ID: "containerd://" + name, Image: image.Resolve(spec, "", imageID)}
	if kind == inventory.Volume {
		c.ID = ""
	}
	return c
}

func smallPods() []inventory.Pod {
	waiting := container(inventory.Regular, "waiting", "acme/later:1", "")
	waiting.ID = ""
	return []inventory.Pod{
		{
			Namespace: "team-a", Name: "kinds", UID: uidPod1, Node: "n1", Phase: inventory.Running,
			Labels: []inventory.Label{{Key: "app", Value: "kinds"}, {Key: "empty", Value: ""}}, Annotations: []inventory.Label{{Key: "note", Value: "line\nbreak"}},
			Containers: []inventory.Container{
				container(inventory.Init, "init", "docker.io/acme/init:1.2", "docker.io/acme/init@sha256:"+hexA),
				container(inventory.Sidecar, "sidecar", "nginx", "docker.io/library/nginx@sha256:"+hexB),
				container(inventory.Regular, "port", "foo:5000/bar", ""),
				container(inventory.Regular, "pinned", "nginx@sha256:"+hexA, "docker.io/library/nginx@sha256:"+hexA),
				container(inventory.Regular, "both", "nginx:1.27@sha256:"+hexA, "docker.io/library/nginx@sha256:"+hexB),
				container(inventory.Regular, "local", "myapp:dev", "sha256:"+hexB),
				container(inventory.Regular, "invalid", "reg.io/Foo/Bar:1", ""),
				container(inventory.Regular, "short-digest", "x:v1@sha256:2e50", ""),
				container(inventory.Regular, "id", "sha256:"+hexA, ""),
				container(inventory.Regular, "blank", "  ", ""),
				container(inventory.Ephemeral, "debug", "busybox:1", "docker.io/library/busybox@sha256:"+hexB),
				container(inventory.Volume, "model", "acme/model:7", ""),
				waiting,
			},
		},
		{Namespace: "team-a", Name: "again", UID: uidPod2, Node: "gone", Phase: inventory.Running, Containers: []inventory.Container{
			container(inventory.Regular, "same", "nginx", "docker.io/library/nginx@sha256:"+hexB),
			container(inventory.Regular, "other-digest", "nginx", "docker.io/library/nginx@sha256:"+hexA),
		}},
		{Namespace: "team-a", Name: "done", UID: uidPod3, Node: "n1", Phase: inventory.Succeeded, Containers: []inventory.Container{container(inventory.Regular, "job", "acme/job:1", "")}},
		{Namespace: "team-a", Name: "by-hand", UID: "ABC", Node: "n1", Phase: inventory.Running, Containers: []inventory.Container{container(inventory.Regular, "hand", "acme/hand:1", "")}},
		{Namespace: "team-b", Name: "unscheduled", UID: uidPod4, Phase: inventory.Running, Containers: []inventory.Container{
			container(inventory.Regular, "same", "nginx", "docker.io/library/nginx@sha256:"+hexB),
		}},
		{Namespace: "late", Name: "unknown", UID: uidPod3, Phase: inventory.Running},
		{Namespace: "no-uid", Name: "unknown", UID: uidPod3, Phase: inventory.Running, Containers: []inventory.Container{container(inventory.Regular, "x", "acme/x:1", "")}},
	}
}

// visitPods tells the builder of pods that come namespace by namespace.
func visitPods(t *testing.T, b *Builder, pods []inventory.Pod) {
	t.Helper()
	for i := range pods {
		require.NoError(t, b.Pod(&pods[i]))
		if next := pods[i+1:]; len(next) == 0 || next[0].Namespace != pods[i].Namespace {
			require.NoError(t, b.End(pods[i].Namespace, nil))
		}
	}
}

func TestBodiesMatchTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		kind  Kind
		opts  Options
		check func([]byte) error
	}{
		{"anchore", Anchore, Options{IgnoreNotRunning: true}, anchoretest.CheckV2},
		{"anchore-insert", Anchore, Options{TagPolicy: PolicyInsert, Tag: "NONE"}, anchoretest.CheckV2},
		{"anchore-drop", Anchore, Options{TagPolicy: PolicyDrop, IgnoreNotRunning: true, IgnoreEmpty: true}, anchoretest.CheckV2},
		{"kai", KAI, Options{IgnoreNotRunning: true}, anchoretest.CheckKAI},
		{"kai-drop", KAI, Options{TagPolicy: PolicyDrop, IgnoreEmpty: true}, anchoretest.CheckKAI},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBuilder(t, test.kind, smallHead(), test.opts)
			visitPods(t, b, smallPods())
			bodies, err := b.Close(inventory.Outcome{Complete: true})
			require.NoError(t, err)
			require.Len(t, bodies, 1)
			plain := readAll(t, bodies[0].Plain())
			require.NoError(t, test.check(plain))
			golden(t, test.name+".json", indent(t, plain))
			stats, err := json.MarshalIndent(b.Stats(), "", "  ")
			require.NoError(t, err)
			golden(t, test.name+".stats.json", append(stats, '\n'))
		})
	}
}

// indent spreads JSON over lines and changes nothing else.
func indent(t *testing.T, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, json.Indent(&out, plain, "", "  "))
	out.WriteByte('\n')
	return out.Bytes()
}

// golden compares with a file of testdata, which UPDATE_GOLDEN=1 writes anew.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with UPDATE_GOLDEN=1")
	assert.Equal(t, string(want), string(got), "when the change is right, refresh with UPDATE_GOLDEN=1")
}
