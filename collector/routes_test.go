package collector_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

func TestAccountRoutes(t *testing.T) {
	t.Parallel()
	const file = `
account-routes:
  TeamA:
    user: a
    password: "123"
    namespaces: [team-a, "^shared-.*"]
  dotted.Team:
    namespaces: [shared-1, shared-1]
account-route-by-namespace-label:
  key: owner
  default-account: rest
`
	l, err := load(collector.Invocation{Config: fileOf(t, "aki.yaml", file)})
	require.NoError(t, err)
	r, err := l.Route.Router("admin")
	require.NoError(t, err)
	for _, c := range []struct {
		ns   inventory.Namespace
		want []string
	}{
		{inventory.Namespace{Name: "team-a"}, []string{"TeamA"}},
		{inventory.Namespace{Name: "my-team-a-ns"}, []string{"rest"}},
		{inventory.Namespace{Name: "shared-1"}, []string{"TeamA", "dotted.Team"}},
		{inventory.Namespace{Name: "x", Labels: []inventory.Label{{Key: "owner", Value: "Team.X"}}}, []string{"Team.X"}},
		{inventory.Namespace{Name: "x", Labels: []inventory.Label{{Key: "owner"}}}, []string{"rest"}},
	} {
		assert.Equal(t, c.want, r.Route(c.ns), c.ns.Name)
	}
	l.Route.IgnoreMissing = true
	l.Route.DefaultAccount = ""
	r, err = l.Route.Router("admin")
	require.NoError(t, err)
	assert.Empty(t, r.Route(inventory.Namespace{Name: "x"}))
	assert.Len(t, l.Route.Credentials(), 1, "routes without credentials use the global ones")
	assert.Equal(t, "123", l.Route.Credentials()["TeamA"].Password)

	none, err := deliver.RouteOptions{}.Router("admin")
	require.NoError(t, err)
	assert.Nil(t, none)
}

func TestWrongAccountRoutesDoNotShowPasswords(t *testing.T) {
	t.Parallel()
	for _, routes := range []string{
		"A: {pasword: hunter2}", "A: {password: [hunter2]}", "A: hunter2", "A: {user: u}\nA: {user: v}", "[hunter2]",
	} {
		_, err := load(collector.Invocation{Config: folder(t, map[string]string{"account-routes": routes})})
		require.ErrorIs(t, err, settings.ErrInvalid, routes)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	_, err := deliver.RouteOptions{Routes: deliver.Routes{{Account: "A", Password: "hunter2"}}}.Router("admin")
	require.ErrorIs(t, err, settings.ErrInvalid)
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestBothSpellingsOfAnchoreK8sInventoryWork(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"metadata-collection: {pods: {labels: [app], annotations: [a, b]}}\naccount-route-by-namespace-label: {ignore-missing-label: true}",
		"metadata-collection: {pods: {include-labels: [app], include-annotations: [a, b]}}\naccount-route-by-namespace-label: {ignore-namespace-missing-label: true}",
	} {
		l, err := load(collector.Invocation{Config: fileOf(t, "aki.yaml", content)})
		require.NoError(t, err)
		assert.Equal(t, []string{"app"}, l.Metadata.PodLabels)
		assert.Equal(t, []string{"a", "b"}, l.Metadata.PodAnnotations)
		assert.True(t, l.Route.IgnoreMissing)
	}
	_, err := load(collector.Invocation{Config: fileOf(t, "aki.yaml", "metadata-collection: {pods: {labels: [app], include-labels: [app]}}")})
	assert.ErrorContains(t, err, "given twice")
}
