package collector

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
)

// The tests of this file are named after defects of anchore-k8s-inventory that
// a run can have.

func TestDefect10RoutesGoByLabelsThatAreNotSent(t *testing.T) {
	t.Parallel()
	router, err := deliver.RouteOptions{LabelKey: "owner"}.Router("admin")
	require.NoError(t, err)
	namespaces := []inventory.Namespace{{Name: "a", Labels: []inventory.Label{{Key: "owner", Value: "team"}}}}
	m := inventoryMaker{plan: &Plan{Router: router, labels: func([]byte) bool { return false }}, accounts: map[string][]string{}}
	m.route(namespaces)
	assert.Equal(t, []string{"team"}, m.accounts["a"])
	assert.Empty(t, namespaces[0].Labels)
}

func TestDefect31IntegrationIsTheSameInEveryRun(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "8f995a47-9666-5d6c-8ef9-fdc69276beaa", derivedID("u"))
	assert.NotEqual(t, derivedID("u"), derivedID("v"))
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, derivedID("u"))
}
