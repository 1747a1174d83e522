package collector

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

// The tests of this file are named after defects of anchore-k8s-inventory that
// settings and routing can have.

func TestDefect09BadPatternIsASettingsErrorAndPlainNamesAreAnchored(t *testing.T) {
	t.Parallel()
	_, err := RouteOptions{Routes: Routes{{Account: "a", Namespaces: []string{"team-("}}}}.router("admin")
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, "account-routes.a.namespaces")
	r, err := RouteOptions{Routes: Routes{{Account: "a", Namespaces: []string{"default"}}}}.router("admin")
	require.NoError(t, err)
	assert.Equal(t, []string{"admin"}, r.route(inventory.Namespace{Name: "my-default-ns"}))
}

func TestDefect10RoutesGoByLabelsThatAreNotSent(t *testing.T) {
	t.Parallel()
	router, err := RouteOptions{LabelKey: "owner"}.router("admin")
	require.NoError(t, err)
	r := run{router: router, labels: func([]byte) bool { return false }}
	r.head.Namespaces = []inventory.Namespace{{Name: "a", Labels: []inventory.Label{{Key: "owner", Value: "team"}}}}
	r.route()
	assert.Equal(t, []string{"team"}, r.head.Route(r.head.Namespaces[0]))
	assert.Empty(t, r.head.Namespaces[0].Labels)
}

func TestDefect11EmptyLabelIsNoLabel(t *testing.T) {
	t.Parallel()
	router, err := RouteOptions{LabelKey: "owner", DefaultAccount: "rest"}.router("admin")
	require.NoError(t, err)
	assert.Equal(t, []string{"rest"}, router.route(inventory.Namespace{Labels: []inventory.Label{{Key: "owner", Value: ""}}}))
}

func TestDefect12DocumentedKeyOfMissingLabelsCounts(t *testing.T) {
	t.Parallel()
	l, err := load(Invocation{Config: fileOf(t, "aki.yaml", "account-route-by-namespace-label: {key: owner, ignore-namespace-missing-label: true}")})
	require.NoError(t, err)
	router, err := l.Route.router("admin")
	require.NoError(t, err)
	assert.Empty(t, router.route(inventory.Namespace{Name: "a"}))
}

func TestDefect31IntegrationIsTheSameInEveryRun(t *testing.T) {
	t.Parallel()
	var first, second, other run
	first.head.ClusterUID, second.head.ClusterUID, other.head.ClusterUID = "u", "u", "v"
	assert.Equal(t, first.derivedID(), second.derivedID())
	assert.NotEqual(t, first.derivedID(), other.derivedID())
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, first.derivedID())
}

func TestDefect35DeadKeysAreNamed(t *testing.T) {
	t.Parallel()
	l, err := load(Invocation{Config: fileOf(t, "aki.yaml", "check-for-app-update: true\nhealth-report-interval-seconds: 7\n")})
	require.NoError(t, err)
	assert.Len(t, l.Warnings, 2)
}
