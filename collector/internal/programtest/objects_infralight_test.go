package programtest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/infralighttest"
	"stocktake/collector/internal/kubetest"
)

// toInfralight is a run for Infralight alone.
func toInfralight(t *testing.T, at string, settings ...string) call {
	t.Helper()
	args := []string{"-external", smallCluster(t).Kubeconfig(t)}
	for _, setting := range append([]string{"objects.enabled=true", "deliver.infralight.endpoint=" + at, "deliver.infralight.login-endpoint=" + at}, settings...) {
		args = append(args, "-set", setting)
	}
	return call{args: append(args, "prod-1"), env: []string{"INFRALIGHT_ACCESS_KEY=access-" + secret, "FIREFLY_SECRET_KEY=key-" + secret}}
}

// TestInfralightGetsTheObjectsOfACluster, in its steps, and the inventory of nobody.
func TestInfralightGetsTheObjectsOfACluster(t *testing.T) {
	t.Parallel()
	s, at := infralighttest.Serve(t, infralighttest.Options{
		AccessKey: "access-" + secret, SecretKey: "key-" + secret, Cluster: "prod-1", Trees: true,
		Faults: []infralighttest.Fault{{Step: infralighttest.Objects, Status: http.StatusServiceUnavailable}, {Step: infralighttest.Lock, Kind: infralighttest.Cut}},
	})
	got := run(t, toInfralight(t, at, "objects.helm=chart"))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Empty(t, s.Refused())
	assert.True(t, s.Locked())
	assert.Len(t, s.Items(infralighttest.Objects), got.summary.Collections.Objects.Objects)
	assert.Equal(t, "success", s.Told()["result"])
	require.Len(t, got.summary.Deliveries, 1)
	assert.Equal(t, http.StatusNoContent, got.summary.Deliveries[0].Status)
}

// TestInfralightThatWantsNothing ends a run with 0 where it is only early, and tells why where it refuses.
func TestInfralightThatWantsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, code int
		says         string
	}{
		"too early": {http.StatusTooEarly, 0, "nothing was to be delivered now"},
		"suspended": {http.StatusPaymentRequired, 4, "suspended the integration"},
		"another":   {http.StatusConflict, 4, "override-cluster-uid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, at := infralighttest.Serve(t, infralighttest.Options{Faults: []infralighttest.Fault{{Step: infralighttest.Start, Status: c.status}}})
			got := run(t, toInfralight(t, at))
			assert.Equal(t, c.code, got.code, got.stderr)
			assert.Contains(t, got.summary.Reason, c.says)
			assert.Equal(t, []string{"login", "start"}, s.Steps())
			assert.Zero(t, got.summary.Pages)
		})
	}
}

// TestInfralightIsToldThatNothingComes of a run that it knows to have begun.
func TestInfralightIsToldThatNothingComes(t *testing.T) {
	t.Parallel()
	user := smallCluster(t).KubeconfigFor(t, "infralight-few", kubetest.Grant{Resources: []string{"pods", "namespaces"}})
	s, at := infralighttest.Serve(t, infralighttest.Options{})
	c := toInfralight(t, at, "objects.types=pods,deployments", "objects.workers=1")
	c.args[1] = user
	got := run(t, c)
	assert.Equal(t, 3, got.code, got.stderr)
	assert.False(t, s.Locked())
	assert.Empty(t, s.Items(infralighttest.Objects))
}
