package workload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
)

func TestNamespacesAndNodesAreReadPageByPage(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Wipe(t)
	cluster.SeedMany(t, 200, 10, 20)
	for _, json := range []bool{false, true} {
		proxy := faultproxy.New(t, cluster.Config())
		proxy.JSONOnly = json
		keep := Keep{
			Labels:      func(key []byte) bool { return string(key) == "kubernetes.io/os" },
			Annotations: func([]byte) bool { return true },
		}
		c := dial(t, proxy.Serve(t), 8)

		nodes, read, err := ReadNodes(t.Context(), c, keep)
		require.NoError(t, err)
		require.Len(t, nodes, 20)
		assert.Equal(t, 3, read.Listing.Pages)
		assert.Equal(t, 20, read.Listing.Items)
		seeded := kubetest.Node(kubetest.NodeName(0))
		info := seeded.Status.NodeInfo
		assert.Equal(t, inventory.Node{
			Name: seeded.Name, UID: string(seeded.UID),
			Architecture: info.Architecture, OperatingSystem: info.OperatingSystem, OSImage: info.OSImage,
			KernelVersion: info.KernelVersion, ContainerRuntimeVersion: info.ContainerRuntimeVersion, KubeletVersion: info.KubeletVersion,
			Labels:      []inventory.Label{{Key: "kubernetes.io/os", Value: "linux"}},
			Annotations: podtest.Sorted(seeded.Annotations),
		}, nodes[0])

		namespaces, read, err := ReadNamespaces(t.Context(), c, Keep{}, kube.Scope{})
		require.NoError(t, err)
		assert.Equal(t, len(namespaces), read.Listing.Items)
		names := map[string]inventory.Namespace{}
		for _, n := range namespaces {
			names[n.Name] = n
		}
		assert.NotEmpty(t, names["kube-system"].UID)
		assert.Equal(t, string(kubetest.UID("", "team-003")), names["team-003"].UID)
		assert.Equal(t, []inventory.Label{{Key: "kubernetes.io/metadata.name", Value: "team-003"}}, names["team-003"].Labels)
	}
}
