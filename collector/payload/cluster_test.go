package payload

import (
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// cluster makes records that are as hard to compress as real ones: every UID and
// container ID is random, and images and labels repeat as they do where a few
// hundred applications run in many copies.
type cluster struct {
	random   *rand.Rand
	head     Head
	perSpace int
	images   []image.Image
}

// newCluster returns a cluster of pods pods; the same arguments make the same one.
func newCluster(pods, namespaces, nodes int) *cluster {
	c := &cluster{random: rand.New(rand.NewPCG(1, 2)), perSpace: pods / namespaces}
	c.head = Head{Cluster: "prod-1", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Server: testServer}
	for i := range namespaces {
		name := fmt.Sprintf("team-%03d", i)
		c.head.Namespaces = append(c.head.Namespaces, inventory.Namespace{
			Name: name, UID: c.uid(), Labels: []inventory.Label{{Key: "kubernetes.io/metadata.name", Value: name}},
		})
	}
	for i := range nodes {
		c.head.Nodes = append(c.head.Nodes, c.node(i))
	}
	for i := range 400 {
		name := fmt.Sprintf("registry.example.com/platform-%02d/service-%03d", i%17, i)
		c.images = append(c.images, image.Resolve(fmt.Sprintf("%s:v1.%d.%d", name, i%30, i%7), "", name+"@sha256:"+c.hex(32)))
	}
	return c
}

var testServer = inventory.ServerVersion{
	Major: "1", Minor: "36", GitVersion: "v1.36.3", GitCommit: "0123456789abcdef0123456789abcdef01234567", GitTreeState: "clean",
	BuildDate: "2026-02-03T04:05:06Z", GoVersion: "go1.26.0", Compiler: "gc", Platform: "linux/amd64",
}

func (c *cluster) hex(bytes int) string {
	raw := make([]byte, bytes)
	for i := range raw {
		raw[i] = byte(c.random.Uint32())
	}
	return hex.EncodeToString(raw)
}

func (c *cluster) uid() string {
	h := c.hex(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

func (c *cluster) node(i int) inventory.Node {
	name := fmt.Sprintf("node-%03d", i)
	return inventory.Node{
		Name: name, UID: c.uid(), Architecture: "amd64", OperatingSystem: "linux", OSImage: "Debian GNU/Linux 12 (bookworm)",
		KernelVersion: "6.1.0-30-amd64", ContainerRuntimeVersion: "containerd://2.2.1", KubeletVersion: "v1.36.3",
		Labels: []inventory.Label{{Key: "kubernetes.io/arch", Value: "amd64"}, {Key: "kubernetes.io/hostname", Value: name}},
	}
}

// pods yields every pod, namespace by namespace. The pod and its containers are
// reused, as a producer would.
func (c *cluster) pods() iter.Seq[*inventory.Pod] {
	return func(yield func(*inventory.Pod) bool) {
		var pod inventory.Pod
		for i := range c.head.Namespaces {
			for n := range c.perSpace {
				c.fill(&pod, &c.head.Namespaces[i], n)
				if !yield(&pod) {
					return
				}
			}
		}
	}
}

func (c *cluster) fill(pod *inventory.Pod, ns *inventory.Namespace, n int) {
	app := (n/20*7 + len(ns.UID) + int(ns.UID[0])) % len(c.images)
	name := fmt.Sprintf("service-%03d", app)
	hash := fmt.Sprintf("%010x", app*7919)
	*pod = inventory.Pod{
		Namespace: ns.Name, Name: name + "-" + hash + "-" + c.hex(3)[:5], UID: c.uid(), Phase: inventory.Running,
		Node: c.head.Nodes[c.random.IntN(len(c.head.Nodes))].Name,
		Labels: []inventory.Label{
			{Key: "app.kubernetes.io/instance", Value: name + "-" + ns.Name},
			{Key: "app.kubernetes.io/managed-by", Value: "Helm"},
			{Key: "app.kubernetes.io/name", Value: name},
			{Key: "app.kubernetes.io/version", Value: "1.27.3"},
			{Key: "pod-template-hash", Value: hash},
		},
		Containers: append(pod.Containers[:0],
			inventory.Container{Kind: inventory.Regular, Name: name, ID: "containerd://" + c.hex(32), Image: c.images[app], State: inventory.StateRunning},
			inventory.Container{Kind: inventory.Regular, Name: "proxy", ID: "containerd://" + c.hex(32), Image: c.images[app%4], State: inventory.StateRunning}),
	}
}

// visit tells the builder of the whole cluster.
func (c *cluster) visit(t testing.TB, b *Builder) {
	t.Helper()
	namespace := ""
	for pod := range c.pods() {
		if namespace != "" && namespace != pod.Namespace {
			require.NoError(t, b.End(namespace, nil))
		}
		namespace = pod.Namespace
		require.NoError(t, b.Pod(pod))
	}
	require.NoError(t, b.End(namespace, nil))
}

// build returns the bodies of a whole cluster.
func (c *cluster) build(t testing.TB, kind Kind, opts Options) []*Body {
	t.Helper()
	b := newBuilder(t, kind, c.head, opts)
	c.visit(t, b)
	bodies, err := b.Close(inventory.Outcome{Complete: true})
	require.NoError(t, err)
	return bodies
}

func newBuilder(t testing.TB, kind Kind, head Head, opts Options) *Builder {
	t.Helper()
	b, err := New(kind, head, opts)
	require.NoError(t, err)
	t.Cleanup(b.Discard)
	return b
}

func readAll(t testing.TB, r io.ReadCloser) []byte {
	t.Helper()
	defer func() { require.NoError(t, r.Close()) }()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	return data
}
