package deliver

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/infralighttest"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

const (
	testAccessKey = "ACCESS-0123456789"
	testSecretKey = `s3cret: "#1" ü/+` //nolint:gosec // of a service that lives as long as a test
)

// infralightUnderTest is an Infralight in a hurry with what it told.
type infralightUnderTest struct {
	*Infralight
	t      *testing.T
	mu     sync.Mutex
	events []Event
}

func infralightOptions(url string) InfralightOptions {
	return InfralightOptions{Endpoint: url + "/api/", LoginEndpoint: url, AccessKey: testAccessKey, SecretKey: testSecretKey, TimeoutSeconds: 10}
}

func newInfralight(t *testing.T, url string) *infralightUnderTest {
	t.Helper()
	u := &infralightUnderTest{t: t}
	i, err := NewInfralight(infralightOptions(url), testAgent, u.hear)
	require.NoError(t, err)
	quick := transport.RetryPolicy{First: time.Millisecond, Most: 5 * time.Millisecond}
	i.keys.retry, i.api.retry = quick, quick
	t.Cleanup(i.Close)
	u.Infralight = i
	return u
}

func (u *infralightUnderTest) hear(e Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	assertNoKey(u.t, fmt.Sprintf("%+v %v", e, e.Err))
	if !strings.Contains(e.Message, "begins with http://") {
		u.events = append(u.events, e)
	}
}

// warnings are those of the events that somebody should look into.
func (u *infralightUnderTest) warnings() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []string
	for _, e := range u.events {
		if e.Warning {
			all = append(all, e.Message)
		}
	}
	return all
}

// deliver begins a run and brings it, as long as it takes or a while.
func (u *infralightUnderTest) deliver(run InfralightRun, within time.Duration) (Receipt, error) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), within)
	defer cancel()
	f, err := u.Begin(ctx, infralightHead())
	var r Receipt
	if err == nil {
		r, err = f.Deliver(ctx, run)
	}
	if err != nil {
		assertNoKey(u.t, fmt.Sprintf("%v %+v", err, err))
	}
	assertNoKey(u.t, fmt.Sprintf("%+v", r))
	return r, err
}

// assertNoKey looks for the keys and for tokens.
func assertNoKey(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testAccessKey, "s3cret", "#1", "t0ken", "dDBrZW"} {
		assert.NotContains(t, text, secret)
	}
}

func infralightHead() payload.Head {
	return payload.Head{
		Cluster: "prod-1", ClusterUID: uid(7), Run: "RUN", Time: time.Unix(1_780_000_000, 0),
		ToolVersion: "1.2.3", Server: inventory.ServerVersion{GitVersion: "v1.36.3"},
	}
}

// strictInfralight knows the keys and the cluster, and asks for trees.
func strictInfralight(faults ...infralighttest.Fault) infralighttest.Options {
	return infralighttest.Options{
		AccessKey: testAccessKey, SecretKey: testSecretKey, Cluster: "prod-1", ClusterUID: uid(7), Trees: true, Faults: faults,
	}
}

func startInfralight(t *testing.T, faults ...infralighttest.Fault) (*infralighttest.Service, *infralightUnderTest) {
	t.Helper()
	s, url := infralighttest.Serve(t, strictInfralight(faults...))
	return s, newInfralight(t, url)
}

// infralightInBubble is one of the shipped pace on the clock of a bubble, as in time_test.go.
func infralightInBubble(t *testing.T, o infralighttest.Options) (*infralighttest.Service, *infralightUnderTest) {
	t.Helper()
	s := infralighttest.New(o)
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Hour}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	u := newInfralight(t, "http://infralight.test")
	for _, c := range []*client{u.keys, u.api} {
		c.retry = patiently()
		c.HTTP.Transport.(*http.Transport).DialContext = l.dial //nolint:forcetypeassert // it is one
	}
	return s, u
}

// infralightRun has two releases, five pages of objects and one of trees.
func infralightRun(t testing.TB) InfralightRun {
	t.Helper()
	return InfralightRun{
		Types: []payload.Type{
			{Version: "v1", Resource: "pods", Kind: "Pod", Namespaced: true},
			{Group: "apps", Version: "v1", Resource: "deployments", Kind: "Deployment", Namespaced: true},
			{Version: "v1", Resource: "nodes", Kind: "Node"},
		},
		Releases: slices.Values([]HelmRelease{
			{
				Namespace: "web", Name: "shop", Revision: 3, Status: "deployed", Changed: 1_780_000_000,
				Chart: &HelmChart{Name: "shop", Version: "1.2.3", AppVersion: "7", Home: "https://shop.example.com", Type: "application", Objects: []HelmObject{
					{"v1", "Service", "web", "shop"}, {"rbac.authorization.k8s.io/v1", "ClusterRole", "", "system:shop"},
				}},
			},
			{Namespace: "db", Name: "pg", Revision: 1, Status: "deployed"},
		}),
		Objects: fiveChunks(t, payload.Infralight),
		Trees:   onePageOfTrees(t),
		Read:    time.Unix(1_780_000_060, 0),
	}
}

func onePageOfTrees(t testing.TB) []*payload.Body {
	t.Helper()
	w, err := payload.NewObjectWriter(payload.InfralightTrees, infralightHead(), payload.ObjectOptions{}, payload.Options{SpoolDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(w.Discard)
	all, err := w.Open(payload.Type{Resource: "trees"})
	require.NoError(t, err)
	for n := range 2 {
		require.NoError(t, all.Object(fmt.Appendf(nil, `{"children":[{"children":[],"uid":"c%d","kind":"Pod","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","uid":"c%d"}}}],"uid":"r%d","kind":"Job","object":{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","uid":"r%d"}}}`, n, n, n, n)))
	}
	all.Keep()
	require.NoError(t, all.End(payload.TypeEnd{State: payload.Complete}))
	pages, err := w.Close("", infralightHead().Time)
	require.NoError(t, err)
	return pages
}
