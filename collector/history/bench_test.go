package history

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkRecord is the first run of a cluster with 20,000 sightings, and runs in which one of a hundred
// changed.
func BenchmarkRecord(b *testing.B) {
	for name, open := range map[string]func(testing.TB) string{"SQLite": newFile, "PostgreSQL": newDatabase} {
		b.Run(name+"/first", func(b *testing.B) {
			s := opened(b, open(b), Writing)
			n := 0
			for b.Loop() {
				b.StopTimer()
				seen, run := see(cluster(0))
				n++
				run.Cluster, run.Began, run.At = fmt.Sprint("c", n), minute(n), minute(n).Add(time.Second)
				b.StartTimer()
				_, err := s.Record(b.Context(), seen, run)
				require.NoError(b, err)
			}
		})
		b.Run(name+"/changed", func(b *testing.B) {
			s := opened(b, open(b), Writing)
			n := 0
			record := func() {
				b.StopTimer()
				seen, run := see(cluster(n))
				run.Began, run.At = minute(n), minute(n).Add(time.Second)
				n++
				b.StartTimer()
				_, err := s.Record(b.Context(), seen, run)
				require.NoError(b, err)
			}
			record()
			b.ResetTimer()
			for b.Loop() {
				record()
			}
		})
	}
}

// cluster has 20,000 sightings of 2,000 images. In each of a hundred runs another hundredth has changed.
func cluster(n int) string {
	var all strings.Builder
	for i := range 20_000 {
		version := (n + 99 - i%100) / 100
		fmt.Fprintf(&all, "n%d Deployment/web-%d app registry.example.com/team/app-%d:1.%d d%d\n", i%50, i, i/10, version, i/10*1000+version)
	}
	return all.String()
}
