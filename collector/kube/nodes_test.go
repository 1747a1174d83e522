package kube

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

func TestBrokenPageOfNodesLosesNone(t *testing.T) {
	cluster := many(t, 1000)
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
	require.NoError(t, c.Preflight(t.Context(), Scope{}, podResource()))
	assert.Contains(t, c.Host(), "https://127.0.0.1:")
}
