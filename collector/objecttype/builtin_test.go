package objecttype

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/kube"
	"stocktake/collector/kubeconfig"
)

// recorded is what a real server serves, whose documents package kube has.
func recorded(t *testing.T, version string) kube.Discovered {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, "../kube/testdata/discovery/v"+version+"-"+strings.Trim(r.URL.Path, "/")+".json")
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(file, []byte(`{"apiVersion":"v1","kind":"Config","current-context":"a",
		"contexts":[{"name":"a","context":{"cluster":"a"}}],"clusters":[{"name":"a","cluster":{"server":"`+server.URL+`"}}]}`), 0o600))
	c, err := kube.Connect(kubeconfig.Source{Options: kubeconfig.Options{Path: file}}, kube.Options{BatchSize: 500, TimeoutSeconds: 60, HTTPVersion: "1.1", PagesInFlight: 2, Workers: 4})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	found, err := c.Discover(t.Context(), false)
	require.NoError(t, err)
	return found
}

// TestBuiltInsAreThoseOfRealServers: the list has every type of Kubernetes that a server
// lists, with or without a namespace as there, and nothing that the newest does not have.
func TestBuiltInsAreThoseOfRealServers(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, r := range builtIns() {
		known[full(r)] = r.Namespaced
	}
	for _, version := range []string{"1.28", "1.36"} {
		served := map[string]bool{}
		for _, v := range recorded(t, version).Versions {
			for _, of := range v.Types {
				if kube.BuiltIn(v.Group) && of.Listable() {
					served[full(of.Resource)] = of.Namespaced
				}
			}
		}
		if version == "1.36" {
			assert.Equal(t, served, known)
		}
		assert.Subset(t, known, served, version)
	}
}

// TestChooseOnARealServer chooses as people write it, of what a real server serves.
func TestChooseOnARealServer(t *testing.T) {
	t.Parallel()
	found := recorded(t, "1.36")
	s, err := Options{Types: []string{"default"}, Add: []string{"events", "gd", "widgets", "networkpolicies.crd.projectcalico.example"}, Remove: []string{"cm"}}.Selection()
	require.NoError(t, err)
	all := s.Choose(found, false)
	assert.Empty(t, all.Warnings, "a dead server concerns nobody who does not name its types")
	lines := strings.Join(words(all.Types), "\n")
	for _, line := range []string{
		"configmaps v1 excluded: removed by objects.remove-types", "events.events.k8s.io v1 excluded: the same objects as events", "gadgets.example.com v1", "widgets.a.example.org v1", "widgets.b.example.org v1",
		"networkpolicies.networking.k8s.io v1", "networkpolicies.crd.projectcalico.example v1", "horizontalpodautoscalers.autoscaling v2",
	} {
		assert.Contains(t, lines, line)
	}
	assert.NotContains(t, lines, "unavailable")
	assert.Len(t, all.Resources(), len(builtIns())-10-1+1+1+2+1)

	s, err = Options{Types: []string{"podmetrics.metrics.example.net"}}.Selection()
	require.NoError(t, err)
	dead := s.Choose(found, false).Types
	require.Len(t, dead, 1)
	require.ErrorIs(t, dead[0].Cause, kube.ErrUnavailable)
	assert.Equal(t, "the server behind the APIService v1beta1.metrics.example.net does not answer, so its types are not known", dead[0].Reason)
}
