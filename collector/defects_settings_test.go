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

// The tests of this file are named after defects of anchore-k8s-inventory that
// settings and routing can have.

func TestDefect09BadPatternIsASettingsErrorAndPlainNamesAreAnchored(t *testing.T) {
	t.Parallel()
	_, err := deliver.RouteOptions{Routes: deliver.Routes{{Account: "a", Namespaces: []string{"team-("}}}}.Router("admin")
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, "account-routes.a.namespaces")
	r, err := deliver.RouteOptions{Routes: deliver.Routes{{Account: "a", Namespaces: []string{"default"}}}}.Router("admin")
	require.NoError(t, err)
	assert.Equal(t, []string{"admin"}, r.Route(inventory.Namespace{Name: "my-default-ns"}))
}

func TestDefect11EmptyLabelIsNoLabel(t *testing.T) {
	t.Parallel()
	router, err := deliver.RouteOptions{LabelKey: "owner", DefaultAccount: "rest"}.Router("admin")
	require.NoError(t, err)
	assert.Equal(t, []string{"rest"}, router.Route(inventory.Namespace{Labels: []inventory.Label{{Key: "owner", Value: ""}}}))
}

func TestDefect12DocumentedKeyOfMissingLabelsCounts(t *testing.T) {
	t.Parallel()
	l, err := load(collector.Invocation{Config: fileOf(t, "aki.yaml", "account-route-by-namespace-label: {key: owner, ignore-namespace-missing-label: true}")})
	require.NoError(t, err)
	router, err := l.Route.Router("admin")
	require.NoError(t, err)
	assert.Empty(t, router.Route(inventory.Namespace{Name: "a"}))
}

func TestDefect35DeadKeysAreNamed(t *testing.T) {
	t.Parallel()
	l, err := load(collector.Invocation{Config: fileOf(t, "aki.yaml", "check-for-app-update: true\nhealth-report-interval-seconds: 7\n")})
	require.NoError(t, err)
	assert.Len(t, l.Warnings, 2)
}
