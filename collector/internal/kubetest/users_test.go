package kubetest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/kubetest"
)

func TestKubeconfigIsTheAdministrators(t *testing.T) {
	c := clean(t)
	_, err := clientFrom(t, c.Kubeconfig(t)).CoreV1().Secrets("").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
}

func TestUserMayDoWhatWasGrantedAndNoMore(t *testing.T) {
	c := clean(t)
	c.SeedNamespaces(t, "team-a")
	client := clientFrom(t, c.KubeconfigFor(t, "auditor",
		kubetest.Grant{Resources: []string{"nodes", "namespaces"}},
		kubetest.Grant{Namespace: "team-a", Resources: []string{"pods"}}))

	_, err := client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	_, err = client.CoreV1().Pods("team-a").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	_, err = client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	assert.True(t, apierrors.IsForbidden(err), "%v", err)
	_, err = client.CoreV1().Pods("team-a").Get(t.Context(), "any", metav1.GetOptions{})
	assert.True(t, apierrors.IsForbidden(err), "%v", err)
}

func TestUserWithoutGrantsIsForbidden(t *testing.T) {
	c := clean(t)
	_, err := page(t, clientFrom(t, c.KubeconfigFor(t, "nobody")), 1, "")
	assert.True(t, apierrors.IsForbidden(err), "%v", err)
}
