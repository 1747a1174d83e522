package kube

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
