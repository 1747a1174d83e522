package programtest_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

// TestLongTextOfImagesTakesLittleMemory: whoever may create pods can give each an image
// whose name is a megabyte. The chart gives a run 128 MiB. Such pods are work for an API
// server, a minute of it: the page of them is made here, in its form.
func TestLongTextOfImagesTakesLittleMemory(t *testing.T) {
	t.Parallel()
	const pods, length, most = 70, 1_200_000, slowness * 80 << 20
	page := longTexts(t, pods, length)
	proxy := faultproxy.New(t, smallCluster(t).Config())
	proxy.Match = func(r *http.Request) bool {
		return r.URL.Path == "/api/v1/pods" && r.URL.Query().Get("limit") != "1" // one is asked for in preflight
	}
	proxy.Script(slices.Repeat([]faultproxy.Fault{inGzip(page)}, 3)...)
	kubeconfig := faultproxy.WriteKubeconfig(t, proxy.Serve(t))
	for _, kind := range []string{"anchore", "kai", "stocktake"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			var memory <-chan int64
			got := run(t, call{
				args: []string{
					"-external", kubeconfig, "-set", "deliver.file.path=" + filepath.Join(dir, "inventory.json"), "-set", "deliver.file.kind=" + kind,
					"-set", "metrics.file.path=" + filepath.Join(dir, "metrics.prom"),
				},
				env:    []string{"CLUSTER_ID=prod", "GOMEMLIMIT=120795955"},
				during: func(p *os.Process) { memory = highWater(p) },
			})
			require.Equal(t, 0, got.code, got.stderr)
			assert.Equal(t, pods, got.summary.Counts.Pods)
			used := <-memory
			assert.Less(t, used, int64(most), "bytes of memory")
			assert.Greater(t, used, int64(10<<20), "what no program of Go does without")
			t.Logf("%d MB of memory", used>>20)
		})
	}
}

// longTexts is a page of pods with an image of so long a name each, as an API server
// sends it: in protobuf, packed.
func longTexts(t *testing.T, pods, length int) []byte {
	t.Helper()
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}}
	for i := range pods {
		pod := kubetest.Pod{Namespace: "team-a", Name: fmt.Sprintf("p%03d", i), Containers: []kubetest.Container{{Name: "c", Image: "nginx:1.27"}}}.Object()
		pod.Status.Phase = corev1.PodRunning
		pod.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name: "e", Image: fmt.Sprintf("%d/", i) + strings.Repeat("x", length),
		}}}
		list.Items = append(list.Items, *pod)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	require.NoError(t, writeProtobuf(w, list, "PodList"))
	require.NoError(t, w.Close())
	return packed.Bytes()
}

// writeProtobuf writes a list as an API server does.
func writeProtobuf(w io.Writer, list runtime.Object, kind string) error {
	list.GetObjectKind().SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(list, w)
}

// inGzip answers with a page that is packed.
func inGzip(page []byte) faultproxy.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.kubernetes.protobuf")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(page)
		})
	}
}

// highWater tells how much memory a process had at most, in bytes, when it has ended.
// What getrusage says counts that of the process that started it too, up to then. One
// that was too short for a look had 0.
func highWater(p *os.Process) <-chan int64 {
	told := make(chan int64, 1)
	go func() {
		most := int64(0)
		for {
			now := highWaterNow(p.Pid)
			if now == 0 {
				told <- most
				return
			}
			most = max(most, now)
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return told
}

// highWaterNow is 0 for a process that has ended.
func highWaterNow(pid int) int64 {
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer status.Close() //nolint:errcheck // read only
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if value, found := strings.CutPrefix(lines.Text(), "VmHWM:"); found {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}
