package kube

import (
	"context"
	"errors"
	"net/http"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/kubeconfig"
	"stocktake/collector/wire"
)

var (
	shared = kubetest.Shared{Options: kubetest.Options{Audit: true}}
	// forgetful is for tests of tokens that expire.
	forgetful = kubetest.Shared{Options: kubetest.Options{ExpireOnCompact: true}}
)

func TestMain(m *testing.M) { os.Exit(kubetest.Main(m, &shared, &forgetful)) }

// seeding fills the shared control plane once.
var seeding sync.Once

// many is the shared control plane with n pods of kubetest.Many in ten
// namespaces, on twenty nodes. Tests add no pods to them, and nodes neither.
//
//nolint:unparam // who relies on the number says so
func many(t testing.TB, n int) *kubetest.Cluster {
	t.Helper()
	cluster := shared.Cluster(t)
	seeding.Do(func() { cluster.SeedMany(t, n, 10, 20) })
	return cluster
}

// usual are the default settings, with smaller pages.
func usual(limit int) Options {
	return Options{BatchSize: limit, TimeoutSeconds: 60, HTTPVersion: http1, PagesInFlight: 2, Workers: 4}
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
	r.pods = append(r.pods, podtest.Clone(p))
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

// expected are the pods of many by their keys, as they are to be visited: made
// once, for that takes longer than reading them.
var expected = sync.OnceValue(func() map[string]inventory.Pod {
	pods := map[string]inventory.Pod{}
	for pod := range kubetest.Many(1000, 10, 20) { // as all tests ask for
		pods[pod.Namespace+"/"+pod.Name] = podtest.Projection(pod)
	}
	return pods
})

// requireMany requires that the pods of many came once each, and right.
func (r *recorder) requireMany(n int) {
	r.t.Helper()
	want, came := expected(), map[string]bool{}
	require.Len(r.t, want, n)
	for i := range r.pods {
		key := r.pods[i].Namespace + "/" + r.pods[i].Name
		pod, seeded := want[key]
		if !seeded || came[key] || !reflect.DeepEqual(pod, r.pods[i]) {
			require.True(r.t, seeded, "%s was not seeded", key)
			require.False(r.t, came[key], "%s was listed before", key)
			require.Equal(r.t, pod, r.pods[i])
		}
		came[key] = true
	}
	for key := range want {
		require.True(r.t, came[key], "%s was lost", key)
	}
}

// podResource is the resource of pods, which the package does not know.
func podResource() Resource { return Core("pods", "Pod", true) }

// podSink decodes pods with the API's own types.
type podSink struct{ inventory.Visitor }

// Object implements Sink.
func (s podSink) Object(o *wire.Object) error {
	var pod corev1.Pod
	var err error
	if o.JSON {
		err = wire.Unmarshal(o.Bytes, &pod)
	} else if err = pod.Unmarshal(o.Bytes); err != nil {
		err = &wire.Unreadable{Cause: err}
	}
	if err != nil {
		return err
	}
	p := podtest.Projection(&pod)
	return s.Pod(&p)
}

// listing is what a reading tells.
type listing struct {
	inventory.Listing
	Gaps []inventory.Gap
}

func (c *Cluster) readPods(ctx context.Context, s Scope, v inventory.Visitor) (listing, error) {
	outcome, err := c.Read(ctx, s, []Want{{Resource: podResource(), Sink: podSink{v}}})
	return listing{outcome.Listing, outcome.Gaps}, err
}

// Pods reads all pods.
func (c *Cluster) Pods(ctx context.Context, v inventory.Visitor) (listing, error) {
	return c.readPods(ctx, Scope{}, v)
}

// PodsIn reads the pods of namespaces.
func (c *Cluster) PodsIn(ctx context.Context, names []string, v inventory.Visitor) (inventory.Listing, []inventory.Gap, error) {
	l, err := c.readPods(ctx, Scope{ByName: true, Namespaces: names}, v)
	return l.Listing, l.Gaps, err
}

// namesAndUIDs is a sink of objects without a namespace: their names and UIDs.
type namesAndUIDs struct {
	all  []inventory.Namespace
	at   map[string]int // in all, by name
	ends []string
	gaps []*inventory.Gap
}

// Object implements Sink.
func (n *namesAndUIDs) Object(o *wire.Object) error {
	one := inventory.Namespace{Name: string(o.Name), UID: string(o.UID)}
	if i, again := n.at[one.Name]; again {
		n.all[i] = one
		return nil
	}
	n.at[one.Name] = len(n.all)
	n.all = append(n.all, one)
	return nil
}

// End implements Sink.
func (n *namesAndUIDs) End(namespace string, gap *inventory.Gap) error {
	n.ends, n.gaps = append(n.ends, namespace), append(n.gaps, gap)
	return nil
}

func (c *Cluster) readNamed(ctx context.Context, of Resource, s Scope) ([]inventory.Namespace, listing, error) {
	n := namesAndUIDs{at: map[string]int{}}
	outcome, err := c.Read(ctx, s, []Want{{Resource: of, Sink: &n}})
	return n.all, listing{outcome.Listing, outcome.Gaps}, err
}

// Namespaces reads all namespaces.
func (c *Cluster) Namespaces(ctx context.Context) ([]inventory.Namespace, listing, error) {
	return c.readNamed(ctx, Namespaces(), Scope{})
}

// NamespacesNamed reads namespaces by name.
func (c *Cluster) NamespacesNamed(ctx context.Context, names []string) ([]inventory.Namespace, []inventory.Gap, error) {
	all, l, err := c.readNamed(ctx, Namespaces(), Scope{ByName: true, Namespaces: names})
	return all, l.Gaps, err
}

// Nodes reads all nodes.
func (c *Cluster) Nodes(ctx context.Context) ([]inventory.Namespace, listing, error) {
	return c.readNamed(ctx, Core("nodes", "Node", false), Scope{})
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
