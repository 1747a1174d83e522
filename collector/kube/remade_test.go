package kube

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"stocktake/collector/internal/podtest"
	"stocktake/collector/wire"
)

// TestNamespaceMadeAgainAfterItWasListed has the UID of the one before it no more. It is
// asked for where all of its pods are new, and only there.
//
//nolint:bodyclose // the client closes them
func TestNamespaceMadeAgainAfterItWasListed(t *testing.T) {
	t.Parallel()
	namespaces := func(uid string) func() *http.Response {
		list := corev1.NamespaceList{TypeMeta: metav1.TypeMeta{Kind: "NamespaceList"}, ListMeta: metav1.ListMeta{ResourceVersion: "100"}}
		for _, name := range []string{"aa", "mm"} {
			list.Items = append(list.Items, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(uid)}})
		}
		return says(podtest.Encoded(t, wire.JSON, &list))
	}
	born := func(namespace, name string, ago time.Duration) corev1.Pod {
		pod := podOf(namespace, name)
		pod.CreationTimestamp = metav1.NewTime(time.Now().Add(-ago))
		return pod
	}
	old := born("aa", "a", time.Hour)
	for name, c := range map[string]struct {
		uid  string // of the namespace when it is asked for again
		pods []corev1.Pod
		also []string // selected beside aa
		gaps int
	}{
		"made again":                       {"new", []corev1.Pod{born("mm", "m0", 0), born("mm", "m1", time.Second)}, []string{"mm"}, 1},
		"new pods of the same":             {"old", []corev1.Pod{born("mm", "m0", 0)}, []string{"mm"}, 0},
		"an older pod comes first":         {"new", []corev1.Pod{born("mm", "m0", time.Hour), born("mm", "m1", 0)}, []string{"mm"}, 0},
		"an older pod comes last":          {"new", []corev1.Pod{born("mm", "m0", 0), born("mm", "m1", time.Hour)}, []string{"mm"}, 0},
		"a pod whose age is unknown":       {"new", []corev1.Pod{podOf("mm", "m0")}, []string{"mm"}, 0},
		"a namespace that is not selected": {"new", []corev1.Pod{born("mm", "m0", 0)}, nil, 0},
	} {
		ofOne := []func() *http.Response{says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "110"}, c.pods...))}
		paths := answering{
			"namespaces":         {namespaces("old"), namespaces(c.uid)},
			"pods":               {says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "110"}, append([]corev1.Pod{old}, c.pods...)...))},
			"namespaces/aa/pods": {says(podtest.Page(t, wire.JSON, metav1.ListMeta{ResourceVersion: "110"}, old))},
			"namespaces/mm/pods": ofOne,
		}
		cluster := paths.connection(t)
		selected := append([]string{"aa"}, c.also...)
		matters := func(namespace string) bool { return namespace == "aa" || len(c.also) > 0 }
		_, _, err := cluster.Namespaces(t.Context())
		require.NoError(t, err)
		r := newRecorder(t)
		listing, err := cluster.readPods(t.Context(), Scope{Matters: matters}, r)
		require.NoError(t, err)
		require.Len(t, listing.Gaps, c.gaps, name)
		require.Len(t, r.gaps, c.gaps, name)
		r = newRecorder(t)
		listing, err = cluster.readPods(t.Context(), Scope{ByName: true, Namespaces: selected, Matters: matters}, r)
		require.NoError(t, err)
		require.Len(t, listing.Gaps, c.gaps, name)
		require.Len(t, r.over, len(selected)-c.gaps, name)
	}
}
