package kube

import (
	"errors"
	"math"
	"net/http"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/inventory"
	"stocktake/collector/kubeconfig"
)

var shared = kubetest.Shared{Options: kubetest.Options{Audit: true}}

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// seeded is what the shared control plane holds at the moment.
var seeded int

// many is the shared control plane with n pods of kubetest.Many in ten
// namespaces, on twenty nodes.
func many(t testing.TB, n int) *kubetest.Cluster {
	t.Helper()
	cluster := shared.Cluster(t)
	if seeded > n {
		cluster.Wipe(t)
	}
	if seeded != n {
		cluster.SeedMany(t, n, 10, 20) // the first of many are those of few
		seeded = n
	}
	return cluster
}

// leavesMore says that the test seeds more than many does, which the next test
// must not see.
func leavesMore(t testing.TB) {
	t.Helper()
	t.Cleanup(func() { seeded = math.MaxInt })
}

// usual are the default settings, with smaller pages.
func usual(limit int) Options {
	return Options{BatchSize: limit, TimeoutSeconds: 60, HTTPVersion: http1, PagesInFlight: 2, Workers: 4, OfPods: keepAll}
}

// dial connects as Connect does, with a patience that suits tests.
func dial(t testing.TB, config *rest.Config, opts Options) *Cluster {
	t.Helper()
	c, err := connect(kubeconfig.Target{Config: config}, opts)
	require.NoError(t, err)
	c.patient.first, c.patient.longest = time.Millisecond, 5*time.Millisecond
	c.quick.first, c.quick.longest = time.Millisecond, 5*time.Millisecond
	t.Cleanup(c.Close)
	return c
}

// over connects to what answers in the place of a server.
func over(t testing.TB, server http.RoundTripper, opts Options) *Cluster {
	t.Helper()
	return dial(t, &rest.Config{Host: "https://api.example", WrapTransport: func(http.RoundTripper) http.RoundTripper { return standIn{server} }}, opts)
}

// standIn makes a whole transport of something that only answers.
type standIn struct{ server http.RoundTripper }

func (s standIn) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.server.RoundTrip(req)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

func (standIn) CloseIdleConnections() {}

// recorder keeps what it visits and checks what a Visitor may rely on.
type recorder struct {
	t     testing.TB
	pods  []inventory.Pod
	ended []string
	gaps  map[string]*inventory.Gap
	open  string              // namespace at hand
	over  map[string]struct{} // whole namespaces, which must not come again

	onPod func(n int) error
}

func newRecorder(t testing.TB) *recorder {
	return &recorder{t: t, gaps: map[string]*inventory.Gap{}, over: map[string]struct{}{}}
}

func (r *recorder) Pod(p *inventory.Pod) error {
	if _, ok := r.over[p.Namespace]; ok || r.open != "" && r.open != p.Namespace {
		require.Failf(r.t, "a namespace came back", "%s while %q is open", p.Namespace, r.open)
	}
	r.forget(p.Namespace)
	r.open = p.Namespace
	r.pods = append(r.pods, clonePod(p))
	if r.onPod != nil {
		return r.onPod(len(r.pods))
	}
	return nil
}

// forget drops what was visited of a namespace that is read again.
func (r *recorder) forget(namespace string) {
	if r.open == "" && r.gaps[namespace] != nil {
		r.pods = slices.DeleteFunc(r.pods, func(old inventory.Pod) bool { return old.Namespace == namespace })
	}
}

func (r *recorder) End(namespace string, gap *inventory.Gap) error {
	if r.open != "" {
		require.Equal(r.t, r.open, namespace)
	}
	_, over := r.over[namespace]
	require.False(r.t, over, "%s ended twice", namespace)
	r.forget(namespace)
	r.open = ""
	r.ended = append(r.ended, namespace)
	if gap != nil {
		r.gaps[namespace] = gap
		return nil
	}
	r.over[namespace] = struct{}{}
	delete(r.gaps, namespace)
	return nil
}

// requireMany requires that the pods of many came once each, and right.
func (r *recorder) requireMany(n int) {
	r.t.Helper()
	want := map[string]*corev1.Pod{}
	for pod := range kubetest.Many(n, 10, 20) {
		want[pod.Namespace+"/"+pod.Name] = pod
	}
	for i := range r.pods {
		key := r.pods[i].Namespace + "/" + r.pods[i].Name
		if want[key] == nil || !reflect.DeepEqual(projection(want[key]), r.pods[i]) {
			require.NotNil(r.t, want[key], "%s was not seeded, or was listed before", key)
			require.Equal(r.t, projection(want[key]), r.pods[i])
		}
		delete(want, key)
	}
	require.Empty(r.t, want, "pods that were lost")
}

// errVisitor is a consumer that fails.
var errVisitor = errors.New("no space left on device")

// requireNoLeak requires that nothing is left of the listings: no goroutine,
// no open body. A body that is given up frees its connection a little later.
func requireNoLeak(t testing.TB, c *Cluster, before goleak.Option) {
	t.Helper()
	var err error
	for range 20 {
		c.Close()
		if err = goleak.Find(before); err == nil {
			return
		}
	}
	require.NoError(t, err)
}
