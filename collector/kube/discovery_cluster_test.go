package kube

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

const (
	crds     = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	services = "/apis/apiregistration.k8s.io/v1/apiservices"
)

// extend adds what the recorded servers have: CRDs, two of which have the same plural and
// one a kind of list of its own, and an APIService that nobody is behind.
func extend(t *testing.T, cluster *kubetest.Cluster) {
	t.Helper()
	const schema = `"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}`
	for _, crd := range []struct{ plural, group, kind, list, short string }{
		{"gadgets", "example.com", "Gadget", "GadgetCollection", "gd"},
		{"widgets", "a.example.org", "Widget", "WidgetList", "wd"},
		{"widgets", "b.example.org", "Widget", "WidgetList", "wd"},
		{"networkpolicies", "crd.projectcalico.example", "NetworkPolicy", "NetworkPolicyList", "cnp"},
	} {
		createFor(t, cluster, crds, crd.plural+"."+crd.group, fmt.Sprintf(`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"%s.%s"},"spec":{
			"group":%[2]q,"names":{"plural":%[1]q,"kind":%[3]q,"listKind":%[4]q,"shortNames":[%[5]q]},"scope":"Namespaced","versions":[
			{"name":"v1","served":true,"storage":true,%[6]s},{"name":"v1beta1","served":true,"storage":false,%[6]s}]}}`,
			crd.plural, crd.group, crd.kind, crd.list, crd.short, schema))
	}
	createFor(t, cluster, services, "v1beta1.metrics.example.net", `{"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1beta1.metrics.example.net"},"spec":{
		"group":"metrics.example.net","version":"v1beta1","service":{"name":"gone","namespace":"default"},"groupPriorityMinimum":100,"versionPriority":100,"insecureSkipTLSVerify":true}}`)
}

// createFor creates an object, which is deleted after the test.
func createFor(t *testing.T, cluster *kubetest.Cluster, path, name, object string) {
	t.Helper()
	client, err := rest.HTTPClientFor(cluster.Config())
	require.NoError(t, err)
	do := func(method, path, body string) int {
		req, err := http.NewRequest(method, strings.TrimSuffix(cluster.Config().Host, "/")+path, bytes.NewReader([]byte(body)))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, http.StatusCreated, do(http.MethodPost, path, object))
	t.Cleanup(func() { assert.Equal(t, http.StatusOK, do(http.MethodDelete, path+"/"+name, "")) })
}

// TestDiscoverRealServer discovers types of a real server as somebody without any right
// beyond those that everybody has, and finds what was recorded.
func TestDiscoverRealServer(t *testing.T) {
	cluster := shared.Cluster(t)
	user := dial(t, userOf(t, cluster, "discovers"), usual(500))
	before, err := user.Discover(t.Context(), false)
	require.NoError(t, err)
	extend(t, cluster)

	of := "1.36"
	if cluster.Minor() < 30 {
		of = "1.28"
	}
	var want []string
	for _, path := range []string{"api", "apis"} {
		versions, _, err := readGroups(recorded(t, of, path))
		require.NoError(t, err)
		want = append(want, Discovered{versions}.lines()...)
	}
	var found Discovered
	require.EventuallyWithT(t, func(collect *assert.CollectT) {
		found, err = user.Discover(t.Context(), false)
		assert.NoError(collect, err)
		assert.Equal(collect, want, found.lines())
	}, 30*time.Second, 300*time.Millisecond)
	gadgets := Resource{Group: "example.com", Version: "v1", Plural: "gadgets"}
	assert.True(t, found.Serves(gadgets))
	assert.False(t, before.Serves(gadgets))

	t.Run("in plain", func(t *testing.T) {
		proxy := faultproxy.New(t, cluster.Config())
		proxy.JSONOnly = true
		plain, err := dial(t, proxy.Serve(t), usual(500)).Discover(t.Context(), false)
		require.NoError(t, err)
		assert.ElementsMatch(t, want, plain.lines())
	})
	t.Run("who serves", func(t *testing.T) {
		_, err := user.Discover(t.Context(), true)
		require.ErrorIs(t, err, ErrRefused)
		require.ErrorContains(t, err, "list apiservices.apiregistration.k8s.io: 403 Forbidden")

		reader := dial(t, userOf(t, cluster, "asks-who-serves", kubetest.Grant{Group: AggregatedRight().Group, Resources: []string{AggregatedRight().Resource}}), usual(500))
		all, err := reader.Discover(t.Context(), true)
		require.NoError(t, err)
		for _, v := range all.Versions {
			assert.Equal(t, v.Group == "metrics.example.net", v.Aggregated, v.Name())
			assert.Equal(t, v.Aggregated, v.Stale != nil, v.Name())
		}
	})
	t.Run("lists have the kinds that are expected", func(t *testing.T) {
		c := dial(t, cluster.Config(), usual(500))
		for _, v := range found.Versions {
			for _, of := range slices.DeleteFunc(slices.Clone(v.Types), func(o ObjectType) bool { return !o.Listable() }) {
				page, err := c.openPage(t.Context(), request{
					path: of.Path(""), query: url.Values{"limit": {"1"}}, accept: "application/json", timeout: time.Minute, bytes: new(atomic.Int64),
				}, of.List)
				if assert.NoError(t, err, of.name()) {
					page.close(c)
				}
			}
		}
	})
}
