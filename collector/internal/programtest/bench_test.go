package programtest_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"stocktake/collector"
	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

// whole returns a run in this process, for profiles and counts: every pod of the
// cluster is read, resolved, encoded, compressed and delivered.
//
//	go test ./collector/internal/programtest -run '^$' -bench Run -cpuprofile cpu.out
//
// collector/internal/bench compares the program with others.
func whole(tb testing.TB, cluster *kubetest.Cluster) func() {
	tb.Helper()
	_, at := anchoretest.Start(tb, anchoretest.Options{Discard: true})
	inv := collector.Invocation{
		Flags: map[string]string{
			"kubeconfig.path": cluster.Kubeconfig(tb), "cluster-id": "bench", "quiet": "true", "ignore-not-running": "false",
		},
		Environ: []string{"ANCHORE_URL=" + at, "ANCHORE_USER=robot", "ANCHORE_PASSWORD=robot"},
		Stdout:  io.Discard, Stderr: io.Discard,
	}
	return func() { require.Equal(tb, collector.OK, collector.Run(tb.Context(), inv)) }
}

// BenchmarkRun is the cost of a pod in a whole run.
func BenchmarkRun(b *testing.B) {
	const pods = 20_000
	cluster := ownCluster(b)
	cluster.SeedMany(b, pods, 40, 20)
	run := whole(b, cluster)
	b.ReportAllocs()
	allocs := testing.AllocsPerRun(1, run)
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*pods), "ns/pod")
	b.ReportMetric(allocs/pods, "allocs/pod")
}
