package saved

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// BenchmarkLoad reads the saved bodies of 50,000 pods with two containers each. The
// memory is what is held at the end, when it is largest: before the records of the
// last body are given up.
func BenchmarkLoad(b *testing.B) {
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI, payload.Stocktake} {
		body := newCluster(50_000, 50, 500).build(b, kind, payload.Options{SpoolMemory: 1 << 30})[0]
		packed := clustertest.ReadAll(b, body.Gzip())
		b.Run(string(kind), func(b *testing.B) {
			b.SetBytes(body.Size())
			for b.Loop() {
				h := &heap{}
				_, err := Load(bytes.NewReader(packed), payload.Options{}, h)
				require.NoError(b, err)
				b.ReportMetric(float64(h.most)/(1<<20), "MiB-held")
			}
		})
	}
}

// heap measures what is held while the last namespaces end.
type heap struct {
	ended int
	most  uint64
}

func (h *heap) Pod(*inventory.Pod) error { return nil }

func (h *heap) End(string, *inventory.Gap) error {
	if h.ended++; h.ended%25 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h.most = max(h.most, m.HeapAlloc)
	}
	return nil
}
