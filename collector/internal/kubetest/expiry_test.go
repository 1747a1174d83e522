package kubetest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"stocktake/collector/internal/kubetest"
)

func TestContinueTokenExpiresWithCompaction(t *testing.T) {
	c := clean(t)
	c.SeedAll(t, kubetest.Many(100, 5, 5))
	client := clientOf(t, c.Config())

	first, err := page(t, client, 40, "")
	require.NoError(t, err)
	c.Compact(t)
	_, err = page(t, client, 40, first.Continue)

	token := tokenOfExpired(t, err)
	rest, err := page(t, client, 500, token)
	require.NoError(t, err)
	assert.Len(t, rest.Items, 60, "the token in the answer goes on with the next pod")
}

// tokenOfExpired requires a 410 and returns the token that it carries.
func tokenOfExpired(t *testing.T, err error) string {
	t.Helper()
	var status apierrors.APIStatus
	require.ErrorAs(t, err, &status)
	assert.True(t, apierrors.IsResourceExpired(err), "%v", err)
	assert.EqualValues(t, 410, status.Status().Code)
	require.NotEmpty(t, status.Status().Continue)
	return status.Status().Continue
}
