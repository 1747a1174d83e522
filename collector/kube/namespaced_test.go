package kube

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/inventory"
)

// teams are the namespaces of many, in an order of the test's own.
func teams() []string {
	var names []string
	for i := range 10 {
		names = append(names, kubetest.NamespaceName((7*i)%10))
	}
	return names
}

func TestPodsInVisitsNamespacesInTheGivenOrder(t *testing.T) {
	const n = 1000
	cluster := many(t, n)
	for _, workers := range []int{1, 3, 100} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			opts := usual(30)
			opts.Workers = workers
			before := goleak.IgnoreCurrent()
			c := dial(t, cluster.Config(), opts)
			r := newRecorder(t)
			listing, gaps, err := c.PodsIn(t.Context(), append(teams(), teams()[0], "no-such-namespace"), r)
			require.NoError(t, err)
			assert.Empty(t, gaps)
			r.requireMany(n)
			assert.Equal(t, append(teams(), "no-such-namespace"), r.ended)
			assert.Equal(t, 10*4+1, listing.Pages)
			assert.Equal(t, n, listing.Items)
			requireNoLeak(t, c, before)
		})
	}
}

func TestPodsInBoundsWhatIsUnderWay(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	opts := usual(30)
	opts.Workers, opts.PagesInFlight = 3, 2
	_, _, err := dial(t, proxy.Serve(t), opts).PodsIn(t.Context(), teams(), newRecorder(t))
	require.NoError(t, err)
	assert.LessOrEqual(t, proxy.MostAtOnce(), 3+1, "a page of each namespace, and one more of the first")
}

func TestNamespaceThatFailsIsAGap(t *testing.T) {
	const n = 1000
	cluster := many(t, n)
	proxy := faultproxy.New(t, cluster.Config())
	opts := usual(500)
	opts.Workers = 1
	proxy.Script(faultproxy.Pass, faultproxy.Answer(http.StatusTeapot, "text/plain", "no"))
	r := newRecorder(t)
	_, gaps, err := dial(t, proxy.Serve(t), opts).PodsIn(t.Context(), teams(), r)
	require.NoError(t, err)
	failed := teams()[1]
	require.Len(t, gaps, 1)
	require.ErrorIs(t, gaps[0].Cause, ErrUnavailable)
	want := inventory.Gap{
		Source: "pods of namespace " + failed,
		Reason: "list pods of namespace " + failed + ": page 1: 418 I'm a teapot: no",
		Cause:  gaps[0].Cause, Namespace: failed,
	}
	require.EqualError(t, want.Cause, want.Reason)
	assert.Equal(t, []inventory.Gap{want}, gaps)
	assert.Equal(t, map[string]*inventory.Gap{failed: &want}, r.gaps)
	assert.Equal(t, teams(), r.ended)
	assert.Len(t, r.pods, n*9/10)
}

func TestPodsInNeedsNoRightsBeyondItsNamespaces(t *testing.T) {
	cluster := many(t, 1000)
	allowed, denied := kubetest.NamespaceName(1), kubetest.NamespaceName(2)
	path := cluster.KubeconfigFor(t, "team-one", kubetest.Grant{Namespace: allowed, Resources: []string{"pods"}})
	config, err := clientcmd.BuildConfigFromFlags("", path)
	require.NoError(t, err)
	c := dial(t, config, usual(500))

	r := newRecorder(t)
	listing, gaps, err := c.PodsIn(t.Context(), []string{denied, allowed}, r)
	require.NoError(t, err)
	assert.Len(t, r.pods, 100)
	assert.Equal(t, 100, listing.Items)
	require.Len(t, gaps, 1)
	assert.Contains(t, gaps[0].Reason, `pods is forbidden: User "team-one" cannot list resource "pods"`)

	_, _, err = c.PodsIn(t.Context(), []string{denied}, newRecorder(t))
	require.ErrorIs(t, err, ErrRefused, "when all is refused, the run is")

	_, err = c.Pods(t.Context(), newRecorder(t))
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, `list pods: page 1: 403 Forbidden: pods is forbidden: User "team-one"`)

	require.ErrorIs(t, c.Preflight(t.Context(), Scope{}, podResource()), ErrRefused)
	require.ErrorIs(t, c.Preflight(t.Context(), Scope{ByName: true, Namespaces: []string{denied}}, podResource()), ErrRefused)
	require.NoError(t, c.Preflight(t.Context(), Scope{ByName: true, Namespaces: []string{denied, allowed}}, podResource()), "one of them may be listed")
}

func TestPodsInEndsWithTheVisitor(t *testing.T) {
	cluster := many(t, 1000)
	before := goleak.IgnoreCurrent()
	c := dial(t, cluster.Config(), usual(30))
	r := newRecorder(t)
	r.onPod = func(n int) error {
		if n == 150 {
			return errVisitor
		}
		return nil
	}
	_, _, err := c.PodsIn(t.Context(), teams(), r)
	require.ErrorIs(t, err, errVisitor)
	assert.Len(t, r.ended, 1)
	assert.Empty(t, r.gaps)
	requireNoLeak(t, c, before)
}

func TestNamespaceThatListsAnotherIsNotTrusted(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(faultproxy.Answer(http.StatusOK, "application/json",
		`{"kind":"PodList","metadata":{},"items":[{"metadata":{"namespace":"b","name":"x"}}]}`))
	_, _, err := dial(t, proxy.Serve(t), usual(500)).PodsIn(t.Context(), []string{"a"}, newRecorder(t))
	require.ErrorContains(t, err, `an object of namespace "b"`)
}
