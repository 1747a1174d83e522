package programtest_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"stocktake/collector/internal/kubetest"
)

// TestLongTextOfImagesTakesLittleMemory: whoever may create pods can give each an image
// whose name is a megabyte. The chart gives a run 128 MiB. It runs alone: the API server
// has little time to answer, and such pods are work.
func TestLongTextOfImagesTakesLittleMemory(t *testing.T) {
	const pods, length, most = 70, 1_200_000, slowness * 80 << 20
	cluster := ownCluster(t)
	cluster.SeedNamespaces(t, "big")
	seeds := make([]kubetest.Object, pods)
	for i := range seeds {
		pod := kubetest.Pod{Namespace: "big", Name: fmt.Sprintf("p%03d", i), Containers: []kubetest.Container{{Name: "c", Image: "nginx:1.27"}}}.Object()
		pod.Status.Phase = corev1.PodRunning
		pod.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name: "e", Image: fmt.Sprintf("%d/", i) + strings.Repeat("x", length),
		}}}
		seeds[i] = pod
	}
	cluster.SeedObjects(t, seeds...)
	kubeconfig := cluster.Kubeconfig(t)
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
