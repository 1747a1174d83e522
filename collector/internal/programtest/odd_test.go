package programtest_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

// The rows of the matrix about clusters that are odd and not broken: objects at
// the limits of the API and beyond them, which are written to etcd past its
// checks, and objects that come and go between two requests of a run.

// minutes bounds the runs that have a lot to do.
const minutes = 5 * time.Minute

func oddTrials() []trial {
	return []trial{
		{"objects", "a pod of 500 containers", 0, `"containers":500`, 1, soon, seeded(1, oddPod(500, func(i int) string { return fmt.Sprintf("reg.example/app-%d:1", i) }))},
		{"objects", "a megabyte in an annotation", 0, complete, 1, soon, largeAnnotation},
		{"objects", "names as long as names may be", 0, complete, 1, soon, seeded(1, longNames())},
		{"objects", "names longer than names may be", 0, complete, 1, soon, seeded(1, tooLongNames())},
		{"objects", "every byte in an image", 0, `"invalid":216`, 1, soon, seeded(1, everyByte())},
		{"objects", "every byte in an image, as JSON", 0, `"invalid":216`, 1, soon, func(s *stage) { s.proxy.JSONOnly = true; seeded(1, everyByte())(s) }},
		{"objects", "strings that are not UTF-8", 0, complete, 1, soon, seeded(1, notUTF8())},
		{"objects", "a pod of nothing", 0, complete, 1, soon, seeded(1, kubetest.Pod{Namespace: "odd", Name: "nothing"})},
		{"objects", "a namespace without pods", 0, `"namespaces":2,"pods":1`, 1, soon, func(s *stage) {
			s.cluster.SeedNamespaces(s, "empty")
			s.setting("namespace-selectors.include=odd,empty")
			seeded(1, web("odd"))(s)
		}},
		{"objects", "a namespace made during the run, with a pod", 0, complete, 1, soon, meanwhile(2, func(s *stage) error {
			late := web("zz-made")
			return s.cluster.Seed(s.Context(), slices.Values([]kubetest.Object{kubetest.Namespace("zz-made"), late.Object()}))
		})},
		{"objects", "a node made during the run, with a pod", 0, "node-unknown", 1, soon, meanwhile(2, func(s *stage) error {
			late := web("odd")
			late.Name, late.Node = "late", "made"
			return s.cluster.Seed(s.Context(), slices.Values([]kubetest.Object{kubetest.Node("made"), late.Object()}))
		})},
		{"objects", "the only pods deleted during the run", 8, "not one pod", 0, soon, meanwhile(0, func(s *stage) error {
			return clientOf(s).CoreV1().Pods("odd").DeleteCollection(s.Context(), *metav1.NewDeleteOptions(0), metav1.ListOptions{})
		})},
		{"objects", "a node deleted during the run", 0, complete, 1, soon, meanwhile(1, func(s *stage) error {
			return clientOf(s).CoreV1().Nodes().Delete(s.Context(), "node-1", metav1.DeleteOptions{})
		})},
		{"objects", "a hundred thousand namespaces", 0, `"namespaces":100`, 1, minutes, manyNamespaces},
	}
}

// TestOddObjectsComeWhole gives each row a cluster to itself.
func TestOddObjectsComeWhole(t *testing.T) {
	t.Parallel()
	for _, c := range oddTrials() {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			c.play(newStage(t, ownCluster(t)))
		})
	}
}

func clientOf(s *stage) kubernetes.Interface {
	client, err := kubernetes.NewForConfig(s.cluster.Config())
	require.NoError(s, err)
	return client
}

// seeded puts a pod into a namespace, and expects so many pods in the body.
func seeded(expected int, pod kubetest.Pod) func(*stage) {
	return func(s *stage) {
		s.cluster.SeedNodes(s, "node-1")
		s.cluster.SeedNamespaces(s, pod.Namespace)
		s.cluster.SeedPods(s, pod)
		s.pods = expected
	}
}

// meanwhile changes a cluster of one pod when namespaces and nodes have been
// read, and the pods are asked for.
func meanwhile(expected int, change func(*stage) error) func(*stage) {
	return func(s *stage) {
		seeded(expected, web("odd"))(s)
		s.proxy.Script(faultproxy.Do(func() { assert.NoError(s, change(s)) }))
		s.Cleanup(func() { assert.NotEmpty(s, s.proxy.Lists(), "nothing changed during the run") })
	}
}

// oddPod is a pod of n containers, with images by number.
func oddPod(n int, image func(int) string) kubetest.Pod {
	pod := kubetest.Pod{Namespace: "odd", Name: "odd", Node: "node-1"}
	for i := range n {
		pod.Containers = append(pod.Containers, kubetest.Container{Name: fmt.Sprintf("c%d", i), Image: image(i)})
	}
	return pod
}

// everyByte has 40 images that are valid: a to z, 0 to 9, and the four marks that
// a name may have inside.
func everyByte() kubetest.Pod {
	return oddPod(256, func(i int) string { return "reg.example/a" + string([]byte{byte(i)}) + "b:1" })
}

func notUTF8() kubetest.Pod {
	pod := oddPod(1, func(int) string { return "alpine\x80:3" })
	pod.Node, pod.Labels = "node\xff", map[string]string{"label": "\xc3(", "\xf0\x28": "value"}
	pod.Containers[0].ImageID, pod.Containers[0].ContainerID = "\xf0\x28", "containerd://\xff"
	return pod
}

// longNames has every name at its limit: labels of RFC 1123 have 63 bytes,
// subdomains 253.
func longNames() kubetest.Pod {
	return kubetest.Pod{
		Namespace: strings.Repeat("n", 63), Name: strings.Repeat("p", 253), Node: strings.Repeat("o", 253),
		Owner:      "ReplicaSet/" + strings.Repeat("r", 253),
		Labels:     map[string]string{strings.Repeat("k", 253) + "/" + strings.Repeat("l", 63): strings.Repeat("v", 63)},
		Containers: []kubetest.Container{{Name: strings.Repeat("c", 63), Image: strings.Repeat("i", 255) + ":" + strings.Repeat("t", 128)}},
	}
}

// tooLongNames are what no API server takes, and an aggregated one may serve.
func tooLongNames() kubetest.Pod {
	pod := longNames()
	pod.Name, pod.Owner = strings.Repeat("p", 4096), "ReplicaSet/"+strings.Repeat("r", 4096)
	pod.Containers[0].Name, pod.Containers[0].Image = strings.Repeat("c", 4096), strings.Repeat("i", 100_000)
	return pod
}

// largeAnnotation is four times what the API takes for all annotations of an
// object, and reported because somebody asked for it.
func largeAnnotation(s *stage) {
	pod := web("odd")
	pod.Annotations = map[string]string{"large": strings.Repeat("0123456789abcdef", 1<<16)}
	seeded(1, pod)(s)
	s.setting("metadata-collection.pods.include-annotations=large")
	s.check = func(outcome) {
		assert.Contains(s, string(s.receiver.Accepted()[0].Body), pod.Annotations["large"])
	}
}

// manyNamespaces is ten times what Kubernetes is tested with (thresholds of
// sig-scalability: 10,000 namespaces). Each is in the body, and in memory until
// its pods have come. To store and watch them is work for an API server, half a minute
// of it: the pages of them are made here, in its form.
func manyNamespaces(s *stage) {
	const count, most = 100_000, slowness * 256 << 20
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("namespace-%06d", i)
	}
	seeded(1, web(names[count/2]))(s)
	s.proxy.Match = func(r *http.Request) bool {
		return r.URL.Path == "/api/v1/namespaces" && r.URL.Query().Get("limit") != "1"
	}
	s.proxy.Script(slices.Repeat([]faultproxy.Fault{listingNamespaces(s, names)}, count/50)...)
	var memory <-chan int64
	s.during = func(p *os.Process) { memory = highWater(p) }
	s.check = func(outcome) {
		used := <-memory
		assert.Less(s, used, int64(most), "bytes of memory")
		assert.Greater(s, used, int64(10<<20), "what no program of Go does without")
		assert.GreaterOrEqual(s, s.receiver.Accepted()[0].Counts.Namespaces, count)
		s.Logf("%d MB of memory", used>>20)
	}
}

// listingNamespaces answers with the page that is asked for.
func listingNamespaces(t testing.TB, names []string) faultproxy.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
			assert.NoError(t, err)
			from, _ := strconv.Atoi(r.URL.Query().Get("continue")) // none on the first page
			list := &corev1.NamespaceList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}}
			until := min(from+limit, len(names))
			if until < len(names) {
				list.Continue = strconv.Itoa(until)
			}
			for _, name := range names[from:until] {
				list.Items = append(list.Items, *kubetest.Namespace(name))
			}
			w.Header().Set("Content-Type", "application/vnd.kubernetes.protobuf")
			assert.NoError(t, writeProtobuf(w, list, "NamespaceList"))
		})
	}
}
