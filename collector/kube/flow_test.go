package kube

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/kubetest"
)

// flowServer answers for one version of flowcontrol as a server of its time does, and
// for others as the API server does: with plain text.
func flowServer(version, shares string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		resource, ours := strings.CutPrefix(r.URL.Path, "/apis/flowcontrol.apiserver.k8s.io/"+version+"/")
		if !ours {
			http.Error(w, "404 page not found", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if resource == "flowschemas" {
			fmt.Fprint(w, `{"items":[{"metadata":{"name":"service-accounts","uid":"s"}}]}`)
			return
		}
		fmt.Fprintf(w, `{"items":[{"metadata":{"name":"workload-low","uid":"l"},"spec":{"type":"Limited","limited":{%q:100,"limitResponse":{"queuing":{"handSize":6}}}}},
			{"metadata":{"name":"global-default","uid":"g"},"spec":{"type":"Limited","limited":{%q:20}}}]}`, shares, shares)
	}
}

// The queue is known whatever version of flowcontrol the server has: none of them is a
// right that is missing.
func TestFlowOfEveryServer(t *testing.T) {
	t.Parallel()
	sample := Sample{FlowSchema: "s", PriorityLevel: "l"}
	for name, test := range map[string]struct {
		version, shares string
		err             error
	}{
		"1.29 and later":     {"v1", "nominalConcurrencyShares", nil},
		"1.26":               {"v1beta3", "nominalConcurrencyShares", nil},
		"1.25":               {"v1beta2", "assuredConcurrencyShares", nil},
		"nothing we know of": {"v9", "", ErrNoFlow},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(flowServer(test.version, test.shares))
			flow, err := dial(t, frontOf(t, server), usual(500)).Flow(t.Context(), sample)
			require.ErrorIs(t, err, test.err)
			if test.err == nil {
				assert.Equal(t, Flow{Schema: "service-accounts", Level: "workload-low", Seats: 500, Most: 75}, flow)
			}
		})
	}
}

// TestFlowOfTheServer asks the real server, which gives the same answer in each
// version of flowcontrol that it has.
func TestFlowOfTheServer(t *testing.T) {
	cluster := shared.Cluster(t)
	target, err := at(cluster.KubeconfigFor(t, "flow", kubetest.Grant{Resources: []string{"pods"}}, kubetest.Grant{
		Group: "flowcontrol.apiserver.k8s.io", Resources: []string{"flowschemas", "prioritylevelconfigurations"},
	})).Find()
	require.NoError(t, err)
	c := dial(t, target.Config, usual(500))
	sample, err := c.Sample(t.Context(), podResource(), "")
	require.NoError(t, err)
	want := Flow{Schema: "global-default", Level: "global-default", Seats: 49, Most: 8} // 20 shares of 245

	flow, err := c.Flow(t.Context(), sample)
	require.NoError(t, err)
	assert.Equal(t, want, flow)

	var served []string
	for _, version := range flowVersions() {
		schemas, err := c.flowObjects(t.Context(), version, "flowschemas")
		if IsNotFound(err) {
			continue
		}
		require.NoError(t, err)
		levels, err := c.flowObjects(t.Context(), version, "prioritylevelconfigurations")
		require.NoError(t, err)
		assert.Equal(t, want, flowOf(sample, schemas, levels), version)
		served = append(served, version)
	}
	switch minor := cluster.Minor(); {
	case minor < 29:
		assert.Equal(t, []string{"v1beta3", "v1beta2"}, served)
	case minor < 32:
		assert.Equal(t, []string{"v1", "v1beta3"}, served)
	default:
		assert.Equal(t, []string{"v1"}, served)
	}
}

// A server that refuses says nothing of its version.
func TestFlowThatIsRefusedIsAskedForOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		http.Error(w, "no", http.StatusForbidden)
	}))
	_, err := dial(t, frontOf(t, server), usual(500)).Flow(t.Context(), Sample{})
	require.ErrorIs(t, err, ErrRefused)
	assert.Equal(t, 1, asked)
}
