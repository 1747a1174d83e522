package kube

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// answering is an API server that answers each path with one answer after the other,
// the last of them for ever.
type answering map[string][]func() *http.Response

// RoundTrip implements http.RoundTripper.
func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(req.URL.Path, "/api/v1/")
	answer := a[path][0]
	if len(a[path]) > 1 {
		a[path] = a[path][1:]
	}
	return answer(), nil
}

func (a answering) connection(t testing.TB) *Cluster {
	opts := usual(100)
	opts.PagesInFlight, opts.Workers = 1, 1
	c := over(t, a, opts)
	c.patient.first, c.patient.longest = 0, 0
	return c
}

func says(body []byte) func() *http.Response {
	return func() *http.Response { return answerWith(http.StatusOK, wire.JSON, body) }
}

func refuses(code int, meta metav1.ListMeta) func() *http.Response {
	return func() *http.Response {
		status := strings.Replace(`{"kind":"Status","metadata":{"continue":"TOKEN"},"status":"Failure","message":"no"}`, "TOKEN", meta.Continue, 1)
		return answerWith(code, wire.JSON, []byte(status))
	}
}

// breaksOff says a body up to the last time that it has some words.
func breaksOff(body []byte, words string) func() *http.Response {
	return func() *http.Response {
		r := answerWith(http.StatusOK, wire.JSON, nil)
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:bytes.LastIndex(body, []byte(words))]), broken{}))
		return r
	}
}

func podOf(namespace, name string) corev1.Pod {
	return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID("uid of " + name)}}
}

// TestObjectMadeAgainIsTheNewOne: while the first page is read again, a namespace and
// a node were deleted and made again under their names.
//
//nolint:bodyclose // the client closes them
func TestObjectMadeAgainIsTheNewOne(t *testing.T) {
	t.Parallel()
	namespaces := func(version, uid string) []byte {
		list := corev1.NamespaceList{TypeMeta: metav1.TypeMeta{Kind: "NamespaceList"}, ListMeta: metav1.ListMeta{ResourceVersion: version}}
		for _, name := range []string{"aa", "bb", "zz"} {
			list.Items = append(list.Items, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name + " " + uid)}})
		}
		return podtest.Encoded(t, wire.JSON, &list)
	}
	nodes := func(version, uid string) []byte {
		list := corev1.NodeList{TypeMeta: metav1.TypeMeta{Kind: "NodeList"}, ListMeta: metav1.ListMeta{ResourceVersion: version}}
		for _, name := range []string{"n1", "n2"} {
			list.Items = append(list.Items, corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name + " " + uid)}})
		}
		return podtest.Encoded(t, wire.JSON, &list)
	}
	c := answering{
		"namespaces": {breaksOff(namespaces("100", "old"), `"zz"`), says(namespaces("105", "new"))},
		"nodes":      {breaksOff(nodes("100", "old"), `"n2"`), says(nodes("105", "new"))},
	}.connection(t)
	all, listing, err := c.Namespaces(t.Context())
	require.NoError(t, err)
	require.Equal(t, inventory.Mixed, listing.Consistency)
	require.Len(t, all, 3)
	for _, ns := range all {
		require.Equal(t, ns.Name+" new", ns.UID)
	}
	machines, _, err := c.Nodes(t.Context())
	require.NoError(t, err)
	require.Len(t, machines, 2)
	for _, node := range machines {
		require.Equal(t, node.Name+" new", node.UID)
	}
}

// TestNamespaceThatCannotBeReadAgainIsAGapOfItsOwn, so that it matters to nobody who
// does not ask for it.
//
//nolint:bodyclose // the client closes them
func TestNamespaceThatCannotBeReadAgainIsAGapOfItsOwn(t *testing.T) {
	t.Parallel()
	c := answering{
		"pods": {
			says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "100", Continue: "t1"}, podOf("aa", "a"), podOf("mm", "m0"))),
			refuses(http.StatusGone, metav1.ListMeta{Continue: "t2"}),
			says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "110"}, podOf("mm", "m1"), podOf("zz", "z"))),
		},
		"namespaces/mm/pods": {refuses(http.StatusForbidden, metav1.ListMeta{})},
	}.connection(t)
	r := newRecorder(t)
	listing, err := c.Pods(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, listing.Gaps, 1)
	require.Equal(t, "mm", listing.Gaps[0].Namespace)
	require.Equal(t, map[string]struct{}{"aa": {}, "zz": {}}, r.over)
}

// TestFailureLeavesNothingWholeThatMayComeBack: in an order that is not that of bytes,
// or may not be, namespaces that ended may have had more to come.
//
//nolint:bodyclose // the client closes them
func TestFailureLeavesNothingWholeThatMayComeBack(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		unsure bool
		pods   []corev1.Pod
	}{
		{true, []corev1.Pod{podOf("shop", "api"), podOf("shop-eu", "x")}},
		{true, []corev1.Pod{podOf("a-b", "a"), podOf("ab", "c")}}, // "a-b/x" may follow
		{true, []corev1.Pod{podOf("team-1", "a"), podOf("team-10", "a")}},
		{false, []corev1.Pod{podOf("shop-eu", "x"), podOf("shop", "api")}},
		{false, []corev1.Pod{podOf("a-b", "a"), podOf("ad", "c")}},
		{false, []corev1.Pod{podOf("a-b", "a"), podOf("a-b", "c")}},
	} {
		c := answering{"pods": {
			says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "100", Continue: "t1"}, row.pods...)),
			refuses(http.StatusForbidden, metav1.ListMeta{}),
		}}.connection(t)
		_, err := c.Pods(t.Context(), newRecorder(t))
		require.ErrorIs(t, err, ErrRefused)
		require.Equal(t, row.unsure, errors.Is(err, ErrUnordered), "%v", row.pods)
	}
}

// TestMomentBetweenPodsOfANamespace: in the order of a language a later moment begins
// where "a-b" has had "a" and had "x" to come, or "ab" came into being before it.
//
//nolint:bodyclose // the client closes them
func TestMomentBetweenPodsOfANamespace(t *testing.T) {
	t.Parallel()
	read := func(before, after []corev1.Pod) error {
		c := answering{
			"pods": {
				says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "100", Continue: "t1"}, before...)),
				refuses(http.StatusGone, metav1.ListMeta{Continue: "t2"}),
				says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "110"}, after...)),
			},
		}
		for _, pods := range [][]corev1.Pod{before, after} {
			for _, pod := range pods {
				c["namespaces/"+pod.Namespace+"/pods"] = []func() *http.Response{says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "110"}, after...))}
			}
		}
		_, err := c.connection(t).Pods(t.Context(), newRecorder(t))
		return err
	}
	require.ErrorIs(t, read([]corev1.Pod{podOf("a-b", "a"), podOf("ab", "c")}, []corev1.Pod{podOf("zz", "z")}), ErrUnordered)
	require.ErrorIs(t, read([]corev1.Pod{podOf("a-b", "d")}, []corev1.Pod{podOf("ab", "x")}), ErrUnordered)
	require.NoError(t, read([]corev1.Pod{podOf("a-b", "a"), podOf("b", "c")}, []corev1.Pod{podOf("b", "d")}))
}

// TestDividedNamespaceThatNobodyAskedForIsNotReadAgain: its path has no answer.
//
//nolint:bodyclose // the client closes them
func TestDividedNamespaceThatNobodyAskedForIsNotReadAgain(t *testing.T) {
	t.Parallel()
	c := answering{"pods": {
		says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "100", Continue: "t1"}, podOf("aa", "a"), podOf("mm", "m0"))),
		refuses(http.StatusGone, metav1.ListMeta{Continue: "t2"}),
		says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "110"}, podOf("mm", "m1"), podOf("zz", "z"))),
	}}.connection(t)
	r := newRecorder(t)
	listing, err := c.readPods(t.Context(), Scope{Matters: func(namespace string) bool { return namespace != "mm" }}, r)
	require.NoError(t, err)
	require.Empty(t, listing.Gaps)
	require.Equal(t, map[string]struct{}{"aa": {}, "zz": {}}, r.over)
	require.ErrorContains(t, r.gaps["mm"].Cause, "its pods changed while they were read", "whoever looks all the same is told")
}
