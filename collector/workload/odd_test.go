package workload

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/wire"
)

// oddPods are pods at the limits of the API, and some beyond them. Strings that
// may not be UTF-8 pass through text.
func oddPods(text func(string) string) []*corev1.Pod {
	return []*corev1.Pod{
		kubetest.Pod{Namespace: "odd", Name: "a-500-containers", Containers: containers(500, func(i int) string {
			return fmt.Sprintf("registry.example/team/app-%d:v%d", i, i)
		})}.Object(),
		kubetest.Pod{
			Namespace: "odd", Name: "b-large-annotation", Containers: containers(1, func(int) string { return "alpine" }),
			Annotations: map[string]string{"large": strings.Repeat("0123456789abcdef", 1<<16)},
		}.Object(),
		kubetest.Pod{Namespace: "odd", Name: "c-every-byte", Containers: containers(256, func(i int) string {
			return text("registry.example/a" + string([]byte{byte(i)}) + "b:1")
		})}.Object(),
		kubetest.Pod{
			Namespace: "odd", Name: "d-not-utf-8", Node: text("node\xff"),
			Labels:     map[string]string{"label": text("\xc3(")},
			Containers: []kubetest.Container{{Name: "name", Image: text("alpine\x80:3"), ImageID: text("\xf0\x28")}},
		}.Object(),
		kubetest.Pod{Namespace: "odd", Name: "e-nothing"}.Object(),
		kubetest.Pod{
			Namespace: strings.Repeat("n", 63), Name: strings.Repeat("p", 253), Node: strings.Repeat("o", 253),
			Owner:      "ReplicaSet/" + strings.Repeat("r", 253),
			Labels:     map[string]string{strings.Repeat("k", 253) + "/" + strings.Repeat("l", 63): strings.Repeat("v", 63)},
			Containers: []kubetest.Container{{Name: strings.Repeat("c", 63), Image: strings.Repeat("i", 4096)}},
		}.Object(),
	}
}

// containers are n of them, with images by number.
func containers(n int, image func(int) string) []kubetest.Container {
	all := make([]kubetest.Container, n)
	for i := range all {
		all[i] = kubetest.Container{Name: fmt.Sprintf("c%d", i), Image: image(i)}
	}
	return all
}

// longPods have more of everything than a list of 4,096 holds, and the API server takes
// them.
func longPods() []*corev1.Pod {
	const many = 4_200
	labels, annotations := map[string]string{}, map[string]string{}
	for i := range many {
		labels[fmt.Sprintf("label-%d", i)], annotations[fmt.Sprintf("note-%d", i)] = "v", "w"
	}
	one := func(name string) *corev1.Pod {
		return kubetest.Pod{Namespace: "long", Name: name, Containers: containers(1, func(int) string { return "alpine" })}.Object()
	}
	labelled, noted, owned := one("a-labels"), one("b-annotations"), one("c-owners")
	labelled.Labels, noted.Annotations = labels, annotations
	for i := range many {
		owned.OwnerReferences = append(owned.OwnerReferences, metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: fmt.Sprintf("o%d", i), UID: types.UID(fmt.Sprint(i))})
	}
	yes := true
	owned.OwnerReferences[many-1].Controller = &yes
	return []*corev1.Pod{labelled, noted, owned, kubetest.Pod{
		Namespace: "long", Name: "d-containers", Containers: containers(many, func(i int) string { return fmt.Sprintf("app-%d:1", i) }),
	}.Object()}
}

// podsIn are the pods of namespaces, all of which can be read.
func podsIn(t *testing.T, c *kube.Cluster, namespaces ...string) (pods []inventory.Pod) {
	t.Helper()
	sink := PodSink(visitor(func(p *inventory.Pod) { pods = append(pods, podtest.Clone(p)) }), keepAll, inventory.Cluster{})
	outcome, err := c.Read(t.Context(), kube.Scope{ByName: true, Namespaces: namespaces}, []kube.Want{{Resource: Pods(), Sink: sink}})
	require.NoError(t, err)
	require.Empty(t, outcome.Gaps)
	return pods
}

// TestLongListsAreReadWhole as the API server took them, in both encodings.
func TestLongListsAreReadWhole(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Wipe(t)
	cluster.SeedNamespaces(t, "long")
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	var want []inventory.Pod
	for _, pod := range longPods() {
		made, err := client.CoreV1().Pods("long").Create(t.Context(), pod, metav1.CreateOptions{})
		require.NoError(t, err, pod.Name)
		made.Status = pod.Status
		made, err = client.CoreV1().Pods("long").UpdateStatus(t.Context(), made, metav1.UpdateOptions{})
		require.NoError(t, err, pod.Name)
		want = append(want, podtest.Projection(made))
	}
	for name, json := range map[string]bool{"protobuf": false, "JSON": true} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.JSONOnly = json
			pods := podsIn(t, dial(t, proxy.Serve(t), 2), "long")
			require.Len(t, pods, len(want))
			for i := range want {
				if !reflect.DeepEqual(want[i], pods[i]) {
					t.Errorf("%s is not as it was made", want[i].Name)
				}
			}
		})
	}
}

func TestOddPodsAreReadWhole(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Wipe(t)
	for _, pod := range oddPods(func(s string) string { return s }) {
		cluster.SeedObjects(t, pod)
	}
	var want []inventory.Pod
	for _, pod := range oddPods(func(s string) string { return wire.Text([]byte(s)) }) {
		want = append(want, podtest.Projection(pod))
	}
	for name, json := range map[string]bool{"protobuf": false, "JSON": true} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.JSONOnly = json
			pods := podsIn(t, dial(t, proxy.Serve(t), 2), "odd", strings.Repeat("n", 63))
			require.Len(t, pods, len(want))
			for i := range want {
				assert.Equal(t, want[i], pods[i], want[i].Name)
			}
		})
	}
}
