package workload

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// perPage is the page size of the benchmarks, and of a run by default.
const perPage = 500

// pageOf is a page of ordinary pods, about 4.5 KB of protobuf each.
func pageOf(tb testing.TB, e wire.Encoding) []byte {
	tb.Helper()
	var pods []corev1.Pod
	for pod := range kubetest.Many(perPage, 10, 20) {
		pods = append(pods, *pod)
	}
	return podtest.Page(tb, e, metav1.ListMeta{ResourceVersion: "1"}, pods...)
}

// BenchmarkDecode reads one page of 500 pods, in the ways that were considered.
func BenchmarkDecode(b *testing.B) {
	for name, e := range map[string]wire.Encoding{"lean-protobuf": wire.Protobuf, "lean-json": wire.JSON} {
		page := pageOf(b, e)
		builder := newBuilder(Keep{}) // lives as long as a listing
		b.Run(name, func(b *testing.B) {
			benchmarkPage(b, page, func() error { return eachPod(page, e, builder, func(*inventory.Pod) {}) })
		})
	}
	proto, text := pageOf(b, wire.Protobuf), pageOf(b, wire.JSON)
	b.Run("typed-protobuf", func(b *testing.B) { benchmarkPage(b, proto, func() error { return typed(proto) }) })
	b.Run("typed-json", func(b *testing.B) {
		benchmarkPage(b, text, func() error { return json.Unmarshal(text, new(corev1.PodList)) })
	})
}

// benchmarkPage reports the cost of a pod.
func benchmarkPage(b *testing.B, page []byte, read func() error) {
	b.ReportAllocs()
	b.SetBytes(int64(len(page)))
	allocs := testing.AllocsPerRun(3, func() { _ = read() })
	for b.Loop() {
		require.NoError(b, read())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*perPage), "ns/pod")
	b.ReportMetric(allocs/perPage, "allocs/pod")
}

func typed(page []byte) error {
	var unknown runtime.Unknown
	if err := unknown.Unmarshal(page[len(wire.Magic):]); err != nil {
		return err
	}
	return new(corev1.PodList).Unmarshal(unknown.Raw)
}

func TestReadingAPodAllocatesLittle(t *testing.T) {
	page := pageOf(t, wire.Protobuf)
	b := newBuilder(Keep{})
	allocs := testing.AllocsPerRun(5, func() {
		require.NoError(t, eachPod(page, wire.Protobuf, b, func(*inventory.Pod) {}))
	})
	require.Less(t, allocs/perPage, 4.5, "name, UID and two container ids are all that no other pod has")
}
