package kube

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

func TestSelectorIsEvaluatedByTheServerOnEveryPage(t *testing.T) {
	cluster := many(t, 1000)
	for _, text := range []string{"app.kubernetes.io/name=service-003", "app.kubernetes.io/name in (service-003,service-004),!no-such-label"} {
		selector, err := ParseSelector(text)
		require.NoError(t, err)
		var want int
		for pod := range kubetest.Many(1000, 10, 20) {
			if selector.Matches(podtest.Projection(pod).Labels) {
				want++
			}
		}
		require.Greater(t, want, 10)
		proxy := faultproxy.New(t, cluster.Config())
		c := dial(t, proxy.Serve(t), usual(5))
		all, named := newRecorder(t), newRecorder(t)
		listing, err := c.readPods(t.Context(), Scope{Labels: selector}, all)
		require.NoError(t, err)
		_, err = c.readPods(t.Context(), Scope{ByName: true, Namespaces: teams(), Labels: selector}, named)
		require.NoError(t, err)

		assert.Equal(t, want, listing.Items)
		assert.Greater(t, listing.Pages, 1, "else it proves nothing of the later pages")
		assert.Len(t, named.pods, want)
		for _, pod := range append(all.pods, named.pods...) {
			require.True(t, selector.Matches(pod.Labels), pod.Name)
		}
	}
}

func TestSelectorMatchesAsTheServerDoes(t *testing.T) {
	t.Parallel()
	labels := []inventory.Label{{Key: "app", Value: "web"}, {Key: "tier", Value: "front"}}
	for text, want := range map[string]bool{
		"": true, "app": true, "app=web": true, "app==web,tier=front": true, "app!=web": false, "!app": false,
		"tier in (front,back)": true, "tier notin (front)": false, "other!=x": true, "app=web,tier=back": false,
	} {
		selector, err := ParseSelector(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, selector.Matches(labels), text)
	}
}

func TestSelectorThatCannotBeReadIsAMistakeInTheSettings(t *testing.T) {
	t.Parallel()
	_, err := ParseSelector("app=(")

	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, `label selector "app=("`)
}
