package clustertest

import (
	"encoding/hex"
	"fmt"
	"iter"
	"math/rand/v2"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// Large makes records that are as hard to compress as real ones: every UID and
// container ID is random, and images and labels repeat as they do where a few
// hundred applications run in many copies.
type Large struct {
	Namespaces []inventory.Namespace
	Nodes      []inventory.Node

	random   *rand.Rand
	perSpace int
	images   []image.Image
}

// NewLarge returns a cluster of so many pods; the same arguments make the same one.
func NewLarge(pods, namespaces, nodes int) *Large {
	c := &Large{random: rand.New(rand.NewPCG(1, 2)), perSpace: pods / namespaces}
	for i := range namespaces {
		name := fmt.Sprintf("team-%03d", i)
		c.Namespaces = append(c.Namespaces, inventory.Namespace{
			Name: name, UID: c.UID(), Labels: []inventory.Label{{Key: "kubernetes.io/metadata.name", Value: name}},
		})
	}
	for i := range nodes {
		c.Nodes = append(c.Nodes, c.node(i))
	}
	for i := range 400 {
		name := fmt.Sprintf("registry.example.com/platform-%02d/service-%03d", i%17, i)
		c.images = append(c.images, image.Resolve(fmt.Sprintf("%s:v1.%d.%d", name, i%30, i%7), "", name+"@sha256:"+c.hex(32)))
	}
	return c
}

func (c *Large) hex(bytes int) string {
	raw := make([]byte, bytes)
	for i := range raw {
		raw[i] = byte(c.random.Uint32())
	}
	return hex.EncodeToString(raw)
}

// UID returns a UID that no record has.
func (c *Large) UID() string {
	h := c.hex(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

func (c *Large) node(i int) inventory.Node {
	name := fmt.Sprintf("node-%03d", i)
	return inventory.Node{
		Name: name, UID: c.UID(), Architecture: "amd64", OperatingSystem: "linux", OSImage: "Debian GNU/Linux 12 (bookworm)",
		KernelVersion: "6.1.0-30-amd64", ContainerRuntimeVersion: "containerd://2.2.1", KubeletVersion: "v1.36.3",
		Labels: []inventory.Label{{Key: "kubernetes.io/arch", Value: "amd64"}, {Key: "kubernetes.io/hostname", Value: name}},
	}
}

// Pods yields every pod, namespace by namespace. The pod and its containers are
// reused, as a producer would.
func (c *Large) Pods() iter.Seq[*inventory.Pod] {
	return func(yield func(*inventory.Pod) bool) {
		var pod inventory.Pod
		for i := range c.Namespaces {
			for n := range c.perSpace {
				c.fill(&pod, &c.Namespaces[i], n)
				if !yield(&pod) {
					return
				}
			}
		}
	}
}

func (c *Large) fill(pod *inventory.Pod, ns *inventory.Namespace, n int) {
	app := (n/20*7 + len(ns.UID) + int(ns.UID[0])) % len(c.images)
	name := fmt.Sprintf("service-%03d", app)
	hash := fmt.Sprintf("%010x", app*7919)
	*pod = inventory.Pod{
		Namespace: ns.Name, Name: name + "-" + hash + "-" + c.hex(3)[:5], UID: c.UID(), Phase: inventory.Running,
		Node: c.Nodes[c.random.IntN(len(c.Nodes))].Name,
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
