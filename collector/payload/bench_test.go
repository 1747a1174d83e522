package payload

import (
	"fmt"
	"io"
	"testing"

	"github.com/klauspost/compress/flate"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

// BenchmarkPod is the whole cost of a pod, from record to stored segment. Making
// the records is not measured.
func BenchmarkPod(b *testing.B) {
	for _, kind := range []Kind{Anchore, KAI} {
		b.Run(string(kind), func(b *testing.B) {
			pods, head := recorded(2000)
			head.Namespaces[0].Name = pods[0].Namespace
			builder := newBuilder(b, kind, head, Options{SpoolMemory: 1 << 40})
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				require.NoError(b, builder.Pod(&pods[i%len(pods)]))
			}
		})
	}
}

// recorded returns pods of one namespace that are not reused.
func recorded(n int) ([]inventory.Pod, Head) {
	c := newCluster(n, 1, 100)
	pods := make([]inventory.Pod, 0, n)
	for pod := range c.Pods() {
		kept := *pod
		kept.Containers = append([]inventory.Container(nil), pod.Containers...)
		pods = append(pods, kept)
	}
	return pods, c.head
}

// BenchmarkLevel gives the figures in the comment of compressionLevel.
func BenchmarkLevel(b *testing.B) {
	c := newCluster(10_000, 20, 200)
	body := c.build(b, Anchore, Options{SpoolMemory: 1 << 40})[0]
	plain := clustertest.ReadAll(b, body.Plain())
	for level := 1; level <= 9; level++ {
		b.Run(fmt.Sprint(level), func(b *testing.B) {
			var packed counter
			w, err := flate.NewWriter(&packed, level)
			require.NoError(b, err)
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				packed = 0
				for rest := plain; len(rest) > 0; {
					n := min(len(rest), BlockSize)
					w.Reset(&packed)
					_, err = w.Write(rest[:n])
					require.NoError(b, err)
					require.NoError(b, w.Flush())
					rest = rest[n:]
				}
			}
			b.ReportMetric(float64(packed)/float64(len(plain)), "share")
		})
	}
}

// BenchmarkRead is what one attempt to deliver costs.
func BenchmarkRead(b *testing.B) {
	body := newCluster(10_000, 20, 200).build(b, Anchore, Options{SpoolMemory: 1 << 40})[0]
	for name, open := range map[string]func() io.ReadCloser{"gzip": body.Gzip, "plain": body.Plain} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(body.Size())
			for b.Loop() {
				r := open()
				_, err := io.Copy(io.Discard, r)
				require.NoError(b, err)
				require.NoError(b, r.Close())
			}
		})
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
