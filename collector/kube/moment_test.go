package kube

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// moments are six namespaces with sixty pods each.
func moments(t *testing.T, cluster *kubetest.Cluster, prefix string) []string {
	t.Helper()
	var names []string
	var pods []kubetest.Pod
	for i := range 6 {
		names = append(names, fmt.Sprintf("%s-%d", prefix, i))
		for j := range 60 {
			pods = append(pods, kubetest.Pod{Namespace: names[i], Name: fmt.Sprintf("pod-%02d", j)})
		}
	}
	cluster.SeedNamespaces(t, names...)
	cluster.SeedPods(t, pods...)
	t.Cleanup(func() { require.NoError(t, cluster.RemovePods(context.WithoutCancel(t.Context()), names...)) })
	return names
}

// churn deletes, makes, and makes again pods of every namespace each time it is called.
func churn(t *testing.T, config *rest.Config, names []string) func() {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	now, round := int64(0), 0
	return func() {
		round++
		for _, namespace := range names {
			pods := client.CoreV1().Pods(namespace)
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("born-%02d", round)},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "a", Image: "docker.io/library/nginx:1.27"}}},
			}
			_, err := pods.Create(t.Context(), pod, metav1.CreateOptions{})
			assert.NoError(t, err) //nolint:testifylint // in the goroutine of a handler
			again := fmt.Sprintf("pod-%02d", 59-round)
			assert.NoError(t, pods.Delete(t.Context(), again, metav1.DeleteOptions{GracePeriodSeconds: &now})) //nolint:testifylint // likewise
			if round%2 == 0 {
				pod.Name = again
				_, err := pods.Create(t.Context(), pod, metav1.CreateOptions{})
				assert.NoError(t, err)
			}
		}
	}
}

// uidsAt are the UIDs of the pods of the namespaces as the whole cluster had them at a
// version, by namespace and name.
func uidsAt(t *testing.T, config *rest.Config, version string, names []string) map[string]string {
	t.Helper()
	config = rest.CopyConfig(config)
	config.ContentType = string(wire.Protobuf)
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	list, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{
		ResourceVersion: version, ResourceVersionMatch: metav1.ResourceVersionMatchExact,
	})
	require.NoError(t, err)
	require.Equal(t, version, list.ResourceVersion)
	uids := map[string]string{}
	for _, pod := range list.Items {
		for _, name := range names {
			if pod.Namespace == name {
				uids[pod.Namespace+"/"+pod.Name] = string(pod.UID)
			}
		}
	}
	return uids
}

func uidsOf(pods []inventory.Pod) map[string]string {
	uids := map[string]string{}
	for _, pod := range pods {
		uids[pod.Namespace+"/"+pod.Name] = pod.UID
	}
	return uids
}

// TestNamedNamespacesAreOfOneMoment, whatever is deleted, made, and made again while they
// are read.
func TestNamedNamespacesAreOfOneMoment(t *testing.T) {
	cluster := many(t, 1000)
	for workers, json := range map[int]bool{1: false, 4: true} {
		t.Run(fmt.Sprintf("%d at a time, JSON %t", workers, json), func(t *testing.T) {
			names := moments(t, cluster, fmt.Sprintf("churn-%d-%t", workers, json))
			proxy := faultproxy.New(t, cluster.Config())
			proxy.JSONOnly = json
			change := churn(t, cluster.Config(), names)
			for i := range 12 {
				if i == 0 || workers > 1 && i > 1 {
					proxy.Script(faultproxy.Pass) // the moment; and one change at a time
					continue
				}
				proxy.Script(faultproxy.Do(change))
			}
			opts := usual(37)
			opts.Workers = workers
			r := newRecorder(t)
			listing, gaps, err := dial(t, proxy.Serve(t), opts).PodsIn(t.Context(), names, r)
			require.NoError(t, err)
			require.Empty(t, gaps)
			assert.Equal(t, inventory.Snapshot, listing.Consistency)
			assert.Equal(t, listing.Pages, listing.Requests)
			assert.Equal(t, uidsAt(t, cluster.Config(), listing.ResourceVersion, names), uidsOf(r.pods))
			assert.Equal(t, 6*60, listing.Items)
			for i, request := range proxy.Lists() {
				query := request.URL.Query()
				if i == 0 || query.Has("continue") {
					assert.False(t, query.Has("resourceVersion"), "%d: the latest state, or what the token says", i)
					continue
				}
				assert.Equal(t, listing.ResourceVersion, query.Get("resourceVersion"))
				assert.Equal(t, "Exact", query.Get("resourceVersionMatch"))
			}
		})
	}
}

// TestMomentNeedsNoRightBeyondItsNamespaces, and the first of them may be one that is
// refused.
func TestMomentNeedsNoRightBeyondItsNamespaces(t *testing.T) {
	cluster := many(t, 1000)
	names := moments(t, cluster, "granted")
	var grants []kubetest.Grant
	for _, name := range names[1:] {
		grants = append(grants, kubetest.Grant{Namespace: name, Resources: []string{"pods"}})
	}
	config, err := clientcmd.BuildConfigFromFlags("", cluster.KubeconfigFor(t, "five-teams", grants...))
	require.NoError(t, err)
	change := churn(t, cluster.Config(), names)
	opts := usual(37)
	opts.Workers = 1
	opts.OnEvent = func(e Event) {
		if e.Kind == PageRead {
			change()
		}
	}
	r := newRecorder(t)
	listing, gaps, err := dial(t, config, opts).PodsIn(t.Context(), names, r)
	require.NoError(t, err)
	require.Len(t, gaps, 1)
	require.ErrorIs(t, gaps[0].Cause, ErrRefused)
	assert.Equal(t, inventory.Snapshot, listing.Consistency)
	assert.Equal(t, uidsAt(t, cluster.Config(), listing.ResourceVersion, names[1:]), uidsOf(r.pods))
}

// testMomentThatIsCompacted: the history that the moment is in goes away before a
// namespace, or within one. Pods that last come once.
func testMomentThatIsCompacted(t *testing.T, cluster *kubetest.Cluster, workers int) {
	names := moments(t, cluster, "zz-compacted") // after those of many
	for before := range 4 {                      // requests
		proxy := faultproxy.New(t, cluster.Config())
		for range before + 1 {
			proxy.Script(faultproxy.Pass)
		}
		proxy.Script(faultproxy.Do(func() {
			cluster.SeedPods(t, kubetest.Pod{Namespace: "zz-later", Name: "moment-" + strconv.Itoa(workers) + "-" + strconv.Itoa(before)})
			cluster.Compact(t)
		}))
		opts := usual(37)
		opts.Workers = workers
		r := newRecorder(t)
		listing, gaps, err := dial(t, proxy.Serve(t), opts).PodsIn(t.Context(), names, r)
		require.NoError(t, err)
		assert.Empty(t, gaps)
		assert.Empty(t, r.gaps)
		assert.Equal(t, 6*60, listing.Items)
		assert.Len(t, uidsOf(r.pods), 6*60)
		assert.Equal(t, inventory.Mixed, listing.Consistency)
	}
}

// moody is an API server that answers what is asked for exactly in its own way.
type moody struct {
	t       *testing.T
	exact   func(n int) *http.Response // to the n-th of such requests; nil: at the version asked for
	asked   []string                   // limits of these
	total   int
	version int
}

// RoundTrip implements http.RoundTripper.
func (s *moody) RoundTrip(req *http.Request) (*http.Response, error) {
	s.total++
	query := req.URL.Query()
	version := query.Get("resourceVersion")
	if version != "" {
		s.asked = append(s.asked, query.Get("limit"))
		if resp := s.exact(len(s.asked)); resp != nil {
			return resp, nil
		}
	} else {
		s.version++
		version = strconv.Itoa(s.version)
	}
	var namespace string
	_, err := fmt.Sscanf(req.URL.Path, "/api/v1/namespaces/%1s/pods", &namespace)
	require.NoError(s.t, err)
	return answerWith(http.StatusOK, wire.JSON, podtest.Page(s.t, wire.JSON, metav1.ListMeta{ResourceVersion: version}, podOf(namespace, "p"))), nil
}

// TestServerThatDoesNotServeTheMoment is asked again where that helps, with pages of the
// same size, and then for what it has.
//
//nolint:bodyclose // the client closes them
func TestServerThatDoesNotServeTheMoment(t *testing.T) {
	t.Parallel()
	status := func(code int, text string) func(int) *http.Response {
		return func(int) *http.Response { return answerWith(code, wire.JSON, []byte(text)) }
	}
	once := func(answer func(int) *http.Response) func(int) *http.Response {
		return func(n int) *http.Response {
			if n > 1 {
				return nil
			}
			return answer(n)
		}
	}
	tooLarge := status(http.StatusGatewayTimeout, `{"kind":"Status","reason":"Timeout","message":"Too large resource version: 8, current: 7","code":504,"details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":0}}`)
	future := status(http.StatusInternalServerError, `{"kind":"Status","message":"etcdserver: mvcc: required revision is a future revision","code":500}`)
	gone := status(http.StatusGone, `{"kind":"Status","reason":"Expired","message":"The resourceVersion for the provided list is too old.","code":410}`)
	for name, c := range map[string]struct {
		exact       func(int) *http.Response
		asked       int
		consistency inventory.Consistency
	}{
		"it does":                      {func(int) *http.Response { return nil }, 3, inventory.Snapshot},
		"not yet, says 1.36":           {once(tooLarge), 4, inventory.Snapshot},
		"not yet, says 1.28":           {once(future), 4, inventory.Snapshot},
		"never, says 1.36":             {tooLarge, mostAhead, inventory.Mixed},
		"never, says 1.28":             {future, mostAhead, inventory.Mixed},
		"not any more":                 {gone, 1, inventory.Mixed},
		"it knows no Exact":            {status(http.StatusBadRequest, `{"kind":"Status","message":"no","code":400}`), 1, inventory.Mixed},
		"it knows no Exact, says 422":  {status(http.StatusUnprocessableEntity, `{"kind":"Status","message":"no","code":422}`), 1, inventory.Mixed},
		"it knows none and is silent":  {nil, 1, inventory.Mixed},
		"an error that passes by then": {once(status(http.StatusServiceUnavailable, "no")), 4, inventory.Snapshot},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &moody{t: t, exact: c.exact, version: 6}
			if server.exact == nil {
				server.exact = func(int) *http.Response {
					server.version++
					return answerWith(http.StatusOK, wire.JSON, podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: strconv.Itoa(server.version)}, podOf("b", "p")))
				}
			}
			opts := usual(100)
			opts.PagesInFlight, opts.Workers = 1, 1
			cluster := over(t, server, opts)
			cluster.patient.longest = time.Microsecond
			r := newRecorder(t)
			listing, gaps, err := cluster.PodsIn(t.Context(), []string{"a", "b", "c", "d"}, r)
			require.NoError(t, err)
			assert.Empty(t, gaps)
			assert.Len(t, r.pods, 4)
			assert.Equal(t, c.consistency, listing.Consistency)
			assert.Len(t, server.asked, c.asked)
			for _, limit := range server.asked {
				assert.Equal(t, "100", limit)
			}
		})
	}
}

// TestMomentThatComesLast: servers that write the metadata after the objects tell the
// version when a page was read, so that those who wait for it must come later. The first
// namespaces may be refused.
func TestMomentThatComesLast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version     string
		refused     int // of the first namespaces
		exact       int // requests
		consistency inventory.Consistency
	}{
		"at once":               {"7", 0, 7, inventory.Snapshot},
		"after some":            {"7", 3, 4, inventory.Snapshot},
		"never, at no version":  {"", 0, 0, inventory.Snapshot},
		"never, and some later": {"", 3, 0, inventory.Snapshot},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			exact := 0
			server := roundTripper(func(req *http.Request) *http.Response {
				mu.Lock()
				defer mu.Unlock()
				if req.URL.Query().Has("resourceVersion") {
					exact++
				}
				namespace := strings.Split(req.URL.Path, "/")[4]
				if namespace[0]-'a' < byte(c.refused) {
					return refuses(http.StatusForbidden, metav1.ListMeta{})()
				}
				return answerWith(http.StatusOK, wire.JSON, fmt.Appendf(nil,
					`{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"namespace":%q,"name":"p","uid":"u"}}],"metadata":{"resourceVersion":%q}}`, namespace, c.version))
			})
			opts := usual(100)
			opts.Workers = 4
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			r := newRecorder(t)
			listing, gaps, err := over(t, server, opts).PodsIn(ctx, []string{"a", "b", "c", "d", "e", "f", "g", "h"}, r)
			require.NoError(t, err)
			assert.Len(t, gaps, c.refused)
			assert.Len(t, r.pods, 8-c.refused)
			assert.Equal(t, c.exact, exact)
			assert.Equal(t, c.consistency, listing.Consistency)
		})
	}
}

type roundTripper func(*http.Request) *http.Response

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req), nil }
