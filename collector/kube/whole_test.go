package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// wholes is a sink of whole objects: how often each came, and what ended.
type wholes struct {
	t     *testing.T
	came  map[string]map[string]int // by namespace and name, but for what was forgotten
	whole []string                  // namespaces that ended without a gap
	gaps  []*inventory.Gap
}

func newWholes(t *testing.T) *wholes {
	return &wholes{t: t, came: map[string]map[string]int{}}
}

// Object implements Sink.
func (w *wholes) Object(o *wire.Object) error {
	require.True(w.t, o.JSON)
	var object struct {
		Metadata metav1.ObjectMeta
		Data     struct{ Of string }
	}
	require.NoError(w.t, json.Unmarshal(o.Bytes, &object))
	name, namespace := object.Metadata.Name, object.Metadata.Namespace
	require.Equal(w.t, name, string(o.Name))
	require.Equal(w.t, name, object.Data.Of)
	if w.came[namespace] == nil {
		w.came[namespace] = map[string]int{}
	}
	w.came[namespace][name]++
	return nil
}

// End implements Sink.
func (w *wholes) End(namespace string, gap *inventory.Gap) error {
	if gap != nil {
		w.gaps = append(w.gaps, gap)
		delete(w.came, namespace)
		return nil
	}
	w.whole = append(w.whole, namespace)
	return nil
}

// requireOnce requires that so many objects of each namespace came once, and that each
// namespace ended whole once.
func (w *wholes) requireOnce(each int, namespaces ...string) {
	w.t.Helper()
	slices.Sort(w.whole)
	require.Equal(w.t, namespaces, w.whole)
	require.Len(w.t, w.came, len(namespaces))
	for _, namespace := range namespaces {
		require.Len(w.t, w.came[namespace], each, namespace)
		for name, times := range w.came[namespace] {
			require.Equal(w.t, 1, times, name)
		}
	}
}

// Three kinds of resources: one of Kubernetes, one that somebody made up, and one of
// those that has no namespaces.
var (
	configMaps = Core("configmaps", "ConfigMap", true)
	parcels    = Resource{Group: "shop.example", Version: "v1", Plural: "parcels", Kind: "Parcel", Namespaced: true}
	depots     = Resource{Group: "shop.example", Version: "v1", Plural: "depots", Kind: "Depot"}
)

// withWholes is a control plane with thirty of each of these, in each of two namespaces.
func withWholes(t *testing.T) *kubetest.Cluster {
	t.Helper()
	cluster := forgetful.Cluster(t)
	cluster.SeedNamespaces(t, "whole-a", "whole-b")
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	api := client.RESTClient()
	t.Cleanup(func() {
		for _, namespace := range []string{"whole-a", "whole-b"} {
			require.NoError(t, api.Delete().AbsPath(configMaps.Path(namespace)).Do(context.WithoutCancel(t.Context())).Error())
		}
	})
	define(t, api, parcels)
	define(t, api, depots)
	for i := range 30 {
		name := fmt.Sprintf("c-%02d", i)
		for _, namespace := range []string{"whole-a", "whole-b"} {
			create(t, api, configMaps, namespace, name)
			create(t, api, parcels, namespace, name)
		}
		create(t, api, depots, "", name)
	}
	return cluster
}

// define makes a custom resource, until the end of the test.
func define(t *testing.T, api rest.Interface, of Resource) {
	t.Helper()
	definitions := Resource{Group: "apiextensions.k8s.io", Version: "v1", Plural: "customresourcedefinitions"}.Path("")
	scope := "Cluster"
	if of.Namespaced {
		scope = "Namespaced"
	}
	body := fmt.Sprintf(`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":%q},
		"spec":{"group":%q,"scope":%q,"names":{"plural":%q,"kind":%q},"versions":[{"name":"v1","served":true,"storage":true,
		"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}`,
		of.name(), of.Group, scope, of.Plural, of.Kind)
	require.NoError(t, api.Post().AbsPath(definitions).Body([]byte(body)).Do(t.Context()).Error())
	require.Eventually(t, func() bool { return api.Get().AbsPath(of.Path("")).Do(t.Context()).Error() == nil },
		time.Minute, 20*time.Millisecond, "%s are served", of.name())
	t.Cleanup(func() {
		ctx, path := context.WithoutCancel(t.Context()), definitions+"/"+of.name()
		require.NoError(t, api.Delete().AbsPath(path).Do(ctx).Error())
		require.Eventually(t, func() bool { return apierrors.IsNotFound(api.Get().AbsPath(path).Do(ctx).Error()) },
			time.Minute, 20*time.Millisecond, "%s are gone", of.name())
	})
}

func create(t *testing.T, api rest.Interface, of Resource, namespace, name string) {
	t.Helper()
	version := of.Version
	if of.Group != "" {
		version = of.Group + "/" + version
	}
	body := fmt.Sprintf(`{"apiVersion":%q,"kind":%q,"metadata":{"name":%q},"data":{"of":%[3]q}}`, version, of.Kind, name)
	require.NoError(t, api.Post().AbsPath(of.Path(namespace)).Body([]byte(body)).Do(t.Context()).Error())
}

// TestWholeObjectsComeOnceToEverybody who wants them, in one listing, through pages that
// break and tokens that expire.
func TestWholeObjectsComeOnceToEverybody(t *testing.T) {
	cluster := withWholes(t)
	byName := Scope{ByName: true, Namespaces: []string{"whole-a", "whole-b"}}
	cut := []faultproxy.Fault{faultproxy.Pass, faultproxy.CutAfter(900), faultproxy.Pass}
	expired := []faultproxy.Fault{faultproxy.Pass, faultproxy.Do(func() { cluster.Compact(t) })}
	for name, c := range map[string]struct {
		of     Resource
		scope  Scope
		faults []faultproxy.Fault
		moment inventory.Consistency
		ends   []string
	}{
		"a page that breaks":                   {configMaps, byName, cut, "", byName.Namespaces},
		"a token that expires":                 {configMaps, byName, expired, inventory.Mixed, byName.Namespaces},
		"a custom resource":                    {parcels, byName, cut, "", byName.Namespaces},
		"a custom resource of all namespaces":  {parcels, Scope{}, cut, inventory.Snapshot, byName.Namespaces},
		"a custom resource, and a token":       {parcels, Scope{}, expired, inventory.Mixed, byName.Namespaces},
		"a resource without namespaces":        {depots, Scope{}, cut, inventory.Snapshot, []string{""}},
		"one without namespaces, read by name": {depots, byName, cut, inventory.Snapshot, []string{""}},
		"one without namespaces, and a token":  {depots, Scope{}, expired, inventory.Mixed, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.Script(c.faults...)
			config := proxy.Serve(t)
			config.DisableCompression = true
			opts := usual(7)
			opts.PagesInFlight, opts.Workers = 1, 1
			one, two := newWholes(t), newWholes(t)
			outcome, err := dial(t, config, opts).Read(t.Context(), c.scope,
				[]Want{{Resource: c.of, Form: Whole, Sink: one}, {Resource: c.of, Sink: two}})
			require.NoError(t, err)
			assert.True(t, outcome.Complete)
			one.requireOnce(30, c.ends...)
			two.requireOnce(30, c.ends...)
			if c.moment != "" {
				assert.Equal(t, c.moment, outcome.Listing.Consistency)
			}
			assert.Len(t, proxy.Lists(), outcome.Listing.Pages+1, "two wants, one listing, and what was asked for again")
		})
	}
	t.Run("resources of one moment", func(t *testing.T) { testResourcesOfOneMoment(t, cluster) })
}

// listedWholes is a sink that is told of the listing.
type listedWholes struct {
	*wholes
	listing inventory.Listing
}

// Object implements Sink: of what the cluster has of its own nothing counts.
func (l *listedWholes) Object(o *wire.Object) error {
	if namespace := string(o.Namespace); namespace != "" && !strings.HasPrefix(namespace, "whole-") {
		return nil
	}
	return l.wholes.Object(o)
}

// Over implements Ender.
func (l *listedWholes) Over(listing inventory.Listing, _ error) { l.listing = listing }

// testResourcesOfOneMoment: what comes while one resource is read is not in any that is read at its moment. Each
// subtest leaves one more of each object.
func testResourcesOfOneMoment(t *testing.T, cluster *kubetest.Cluster) {
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	exact := func(of Resource) func(*http.Request) bool {
		return func(r *http.Request) bool {
			return r.URL.Path == "/"+of.Path("") && r.URL.Query().Get("resourceVersionMatch") == "Exact"
		}
	}
	refusal := func(code int, reason metav1.StatusReason) faultproxy.Fault {
		return faultproxy.Answer(code, "application/json", fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d}`, reason, code))
	}
	for i, c := range []struct {
		name  string
		match func(*http.Request) bool
		fault faultproxy.Fault
		later []Resource // that are of a moment of their own
	}{
		{"all have it", exact(parcels), faultproxy.Pass, nil},
		{"one does not know what exact means", exact(parcels), refusal(http.StatusBadRequest, metav1.StatusReasonBadRequest), []Resource{parcels}},
		{"one says that it is over, which holds for all", exact(parcels), refusal(http.StatusGone, metav1.StatusReasonExpired), []Resource{parcels, depots}},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.Match = c.match
			proxy.Script(c.fault)
			opts := usual(7)
			opts.OneMoment = true
			var once sync.Once
			opts.OnEvent = func(e Event) {
				if e.Kind != PageRead {
					return
				}
				once.Do(func() {
					late := fmt.Sprintf("late-%d", i)
					create(t, client.RESTClient(), configMaps, "whole-a", late)
					create(t, client.RESTClient(), parcels, "whole-a", late)
					create(t, client.RESTClient(), depots, "", late)
				})
			}
			reads := dial(t, proxy.Serve(t), opts)
			var first string
			for _, of := range []Resource{configMaps, parcels, depots} {
				sink := &listedWholes{wholes: newWholes(t)}
				_, err := reads.Read(t.Context(), Scope{}, []Want{{Resource: of, Form: Whole, Sink: sink}})
				require.NoError(t, err)
				first = cmp.Or(first, sink.listing.ResourceVersion)
				namespace, expected, consistency := "whole-a", 30+i, inventory.Snapshot
				if !of.Namespaced {
					namespace = ""
				}
				if slices.Contains(c.later, of) {
					expected, consistency = expected+1, inventory.Mixed
				} else {
					assert.Equal(t, first, sink.listing.ResourceVersion, of.name())
				}
				assert.Equal(t, consistency, sink.listing.Consistency, of.name())
				assert.Len(t, sink.came[namespace], expected, of.name())
			}
		})
	}
}

// TestWholeObjectsOfOneNamespaceThatIsRefused are a gap, whatever the other has.
func TestWholeObjectsOfOneNamespaceThatIsRefused(t *testing.T) {
	proxy := faultproxy.New(t, many(t, 1000).Config())
	proxy.Script(faultproxy.Answer(http.StatusForbidden, "text/plain", "no more"))
	opts := usual(100)
	opts.Workers = 1
	w := newWholes(t)
	_, err := dial(t, proxy.Serve(t), opts).Read(t.Context(), Scope{ByName: true, Namespaces: []string{"team-001", "team-002"}},
		[]Want{{Resource: configMaps, Form: Whole, Sink: w}})
	require.NoError(t, err, "one of two is a gap")
	assert.Equal(t, []string{"team-002"}, w.whole)
	require.Len(t, w.gaps, 1)
	assert.Equal(t, "team-001", w.gaps[0].Namespace)
	require.ErrorIs(t, w.gaps[0].Cause, ErrRefused)
}
