package programtest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/internal/kubetest"
)

// TestViewsDoWithoutNodesAndNamespaces: who may list pods sees images, and is told
// what is not known; a delivery needs all its rights.
func TestViewsDoWithoutNodesAndNamespaces(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	pods := func(namespace string) kubetest.Grant {
		return kubetest.Grant{Namespace: namespace, Resources: []string{"pods"}}
	}
	noNodes := cluster.KubeconfigFor(t, "look-nodes", kubetest.Grant{Resources: []string{"pods", "namespaces"}})
	podsOnly := cluster.KubeconfigFor(t, "look-pods", pods("team-a"), pods("team-b"))
	oneOfTwo := cluster.KubeconfigFor(t, "look-one", pods("team-a"))
	gets := cluster.KubeconfigFor(t, "look-gets", kubetest.Grant{Resources: []string{"pods"}},
		kubetest.Grant{Resources: []string{"namespaces"}, Verbs: []string{"get"}})
	const nodes, namespace = "PLATFORMS stay empty: nodes may not be listed", "only what is in the namespace is known"
	for name, test := range map[string]struct {
		kubeconfig string
		args       []string
		code       int
		out        string
		says, not  []string
	}{
		"without nodes":             {noNodes, []string{"images"}, 0, "nginx", []string{nodes, "403 Forbidden", "nodes is forbidden"}, []string{namespace}},
		"wide":                      {noNodes, []string{"images", "-o", "wide"}, 0, "nginx", []string{nodes}, nil},
		"by node":                   {noNodes, []string{"images", "--by", "node"}, 0, "node-1", []string{nodes}, nil},
		"for programs":              {noNodes, []string{"images", "-o", "json"}, 0, `"platforms":[]`, []string{nodes}, nil},
		"pods of a namespace":       {podsOnly, []string{"images", "-n", "team-a"}, 0, "nginx", []string{nodes, namespace, "get namespace team-a: 403"}, nil},
		"pods of two namespaces":    {podsOnly, []string{"images", "-n", "team-b,team-a", "--by", "namespace"}, 0, "team-b", []string{"get namespace team-a: 403", "get namespace team-b: 403"}, nil},
		"one of two namespaces":     {oneOfTwo, []string{"images", "-n", "team-a,team-b"}, 3, "", []string{"list pods of namespace team-b: page 1: 403"}, nil},
		"no namespaces to list":     {podsOnly, []string{"images"}, 3, "", []string{`cannot list resource "pods"`}, nil},
		"a namespace that is not":   {gets, []string{"images", "-n", "nowhere"}, 2, "", []string{"namespace nowhere does not exist"}, nil},
		"a delivery, without nodes": {noNodes, []string{"-dry-run", "prod"}, 3, "", []string{"nodes is forbidden"}, []string{nodes}},
		"a delivery of a namespace": {podsOnly, []string{"-dry-run", "-set", "namespace-selectors.include=team-a", "prod"}, 3, "", []string{"get namespace team-a: 403"}, []string{namespace}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := inside(t, call{args: append(test.args, "-external", test.kubeconfig)})
			assert.Equal(t, test.code, got.code, got.stderr)
			assert.Contains(t, got.stdout, test.out)
			for _, words := range test.says {
				assert.Contains(t, got.stderr, words)
			}
			for _, words := range test.not {
				assert.NotContains(t, got.stderr, words)
			}
		})
	}
}
