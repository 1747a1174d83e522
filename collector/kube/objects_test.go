package kube

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/inventory"
)

func TestNamespacesAndNodesAreReadPageByPage(t *testing.T) {
	cluster := many(t, 2000)
	for _, json := range []bool{false, true} {
		proxy := faultproxy.New(t, cluster.Config())
		proxy.JSONOnly = json
		opts := usual(8)
		opts.OfNodes = Keep{
			Labels:      func(key []byte) bool { return string(key) == "kubernetes.io/os" },
			Annotations: func([]byte) bool { return true },
		}
		c := dial(t, proxy.Serve(t), opts)

		nodes, listing, err := c.Nodes(t.Context())
		require.NoError(t, err)
		require.Len(t, nodes, 20)
		assert.Equal(t, 3, listing.Pages)
		assert.Equal(t, 20, listing.Items)
		seeded := kubetest.Node(kubetest.NodeName(0))
		info := seeded.Status.NodeInfo
		assert.Equal(t, inventory.Node{
			Name: seeded.Name, UID: string(seeded.UID),
			Architecture: info.Architecture, OperatingSystem: info.OperatingSystem, OSImage: info.OSImage,
			KernelVersion: info.KernelVersion, ContainerRuntimeVersion: info.ContainerRuntimeVersion, KubeletVersion: info.KubeletVersion,
			Labels:      []inventory.Label{{Key: "kubernetes.io/os", Value: "linux"}},
			Annotations: sorted(seeded.Annotations),
		}, nodes[0])

		namespaces, listing, err := c.Namespaces(t.Context())
		require.NoError(t, err)
		assert.Equal(t, len(namespaces), listing.Items)
		names := map[string]inventory.Namespace{}
		for _, n := range namespaces {
			names[n.Name] = n
		}
		assert.NotEmpty(t, names["kube-system"].UID)
		assert.Equal(t, string(kubetest.UID("", "team-003")), names["team-003"].UID)
		assert.Equal(t, []inventory.Label{{Key: "kubernetes.io/metadata.name", Value: "team-003"}}, names["team-003"].Labels)
	}
}

func TestBrokenPageOfNodesLosesNone(t *testing.T) {
	cluster := many(t, 2000)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(faultproxy.CutAfter(5000), faultproxy.Pass, faultproxy.CutAfter(5000))
	config := proxy.Serve(t)
	config.DisableCompression = true
	nodes, listing, err := dial(t, config, usual(10)).Nodes(t.Context())
	require.NoError(t, err)
	for i, node := range nodes {
		assert.Equal(t, kubetest.NodeName(i), node.Name)
	}
	assert.Len(t, nodes, 20)
	assert.GreaterOrEqual(t, listing.Requests, 4)
}

func TestVersionIsThatOfTheServer(t *testing.T) {
	c := dial(t, shared.Cluster(t).Config(), usual(500))
	version, err := c.Version(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "1", version.Major)
	assert.Contains(t, version.GitVersion, "v1.")
	assert.NotEmpty(t, version.GoVersion)
	require.NoError(t, c.Preflight(t.Context()))
	assert.Contains(t, c.Host(), "https://127.0.0.1:")
}
