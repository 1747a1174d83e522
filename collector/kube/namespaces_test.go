package kube

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// TestNamespacesComeInManyPages of a real server, in its order.
func TestNamespacesComeInManyPages(t *testing.T) {
	const n, limit = 400, 20
	cluster := many(t, 1000)
	tenants := tenantNames(n)
	cluster.SeedNamespaces(t, tenants...)
	found, listing, err := dial(t, cluster.Config(), usual(limit)).Namespaces(t.Context())
	require.NoError(t, err)
	assert.Equal(t, tenants, slices.DeleteFunc(namesOf(found), func(name string) bool { return !strings.HasPrefix(name, "tenant-") }))
	assert.Greater(t, listing.Items, n)
	assert.Equal(t, (listing.Items+limit-1)/limit, listing.Pages)
	assert.Equal(t, inventory.Snapshot, listing.Consistency)
}

// TestNamespacesOfAHugeCluster has more of them than an API server takes in within
// seconds, so that their pages are made here, in the form of the real ones.
func TestNamespacesOfAHugeCluster(t *testing.T) {
	t.Parallel()
	const limit = 500
	server := &tenants{t: t, names: tenantNames(100_000)}
	found, listing, err := over(t, server, usual(limit)).Namespaces(t.Context())
	require.NoError(t, err)
	assert.Equal(t, server.names, namesOf(found))
	assert.Equal(t, len(server.names), listing.Items)
	assert.LessOrEqual(t, listing.Pages, len(server.names)/limit)
	assert.Equal(t, listing.Pages, listing.Requests)
	assert.Equal(t, inventory.Snapshot, listing.Consistency)
}

// tenantNames are names of namespaces, in order.
func tenantNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("tenant-%06d", i)
	}
	return names
}

// tenants is an API server of many namespaces.
type tenants struct {
	t     *testing.T
	names []string
}

// RoundTrip implements http.RoundTripper.
func (s *tenants) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	from, err := strconv.Atoi("0" + query.Get("continue"))
	require.NoError(s.t, err)
	limit, err := strconv.Atoi(query.Get("limit"))
	require.NoError(s.t, err)
	to := min(from+limit, len(s.names))
	list := corev1.NamespaceList{TypeMeta: metav1.TypeMeta{Kind: "NamespaceList", APIVersion: "v1"}, ListMeta: metav1.ListMeta{ResourceVersion: "7"}}
	for _, name := range s.names[from:to] {
		list.Items = append(list.Items, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("uid of " + name)}})
	}
	if left := int64(len(s.names) - to); left > 0 {
		list.Continue, list.RemainingItemCount = strconv.Itoa(to), &left
	}
	return answerWith(http.StatusOK, wire.Protobuf, podtest.Encoded(s.t, wire.Protobuf, &list)), nil
}
