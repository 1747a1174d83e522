package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMedianIsTheMiddle(t *testing.T) {
	t.Parallel()
	assert.InDelta(t, 2, median([]float64{3, 1, 2}), 0)
	assert.InDelta(t, 2.5, median([]float64{4, 1, 3, 2}), 0)
	m := medianOf([]measurement{{Wall: 3, CPU: 1}, {Wall: 1, CPU: 3}, {Wall: 2, CPU: 2, counts: counts{Pods: 7}}})
	assert.Equal(t, measurement{Wall: 2, CPU: 2, counts: counts{Pods: 7}}, m)
	m = leastOf([]measurement{{Wall: 3, CPU: 1}, {Wall: 1, CPU: 3}, {Wall: 2, CPU: 2, counts: counts{Pods: 7}}})
	assert.Equal(t, measurement{Wall: 1, CPU: 1, counts: counts{Pods: 7}}, m)
}

// sample is a report in which every figure is easy to see.
func sample() report {
	of := func(letter, name string, m measurement) result {
		return result{Letter: letter, Name: name, Median: m, Laps: []measurement{m}}
	}
	races := make([]race, 2)
	for i, pods := range []int{50_000, 200_000} {
		k := float64(pods) / 50_000
		races[i] = race{Pods: pods, Results: []result{
			of("a", "raw", measurement{Wall: 3 * k, CPU: 1 * k, RSS: 18e6, Server: 2.5 * k, counts: counts{Requests: 100, Bytes: 227e6}}),
			of("b", "typed", measurement{Wall: 5 * k, CPU: 3 * k, RSS: 48e6, Server: 3 * k, counts: counts{Requests: 100, Bytes: 227e6}}),
			of("c", "stocktake", measurement{Wall: 2.4 * k * k, CPU: 0.9 * k, RSS: 34e6 * k, Server: 1.6 * k,
				counts: counts{100, 227e6, pods, 7e6, 50e6, 0}}),
			of("g", "namespace by namespace", measurement{Wall: 4 * k, CPU: 6 * k, RSS: 600e6 * k, Server: 3.5 * k, counts: counts{Requests: 600, Bytes: 400e6}}),
			of("f", "stocktake, the other build", measurement{Wall: 2.5 * k, CPU: 0.8 * k, RSS: 30e6, Server: 1.6 * k,
				counts: counts{100, 227e6, pods, 7e6, 50e6, 0}}),
		}}
	}
	replays := make([]race, 2)
	for i, pods := range []int{50_000, 500_000} {
		k := float64(pods) / 50_000
		replays[i] = race{Pods: pods, Results: []result{
			of("c", "stocktake", measurement{Wall: 2 * k, CPU: 0.9 * k, RSS: 40e6 + 4e6*k, counts: counts{100 * i, 227e6 * int64(k), pods, 7e6, 50e6, 0}}),
		}}
	}
	return report{
		Replays: replays,
		Machine: machine{"2026-01-02", "a CPU", 2, "go1.26", "v1.36.3"},
		Limit:   500, Program: weight{Size: 15e6, Start: 0.006}, Races: races,
	}
}

// sampleOfObjects is one of a race for all objects, in the larger cluster without kubectl.
func sampleOfObjects() report {
	of := func(letter, name string, laps ...measurement) result {
		return result{Letter: letter, Name: name, Median: medianOf(laps), Laps: laps}
	}
	all := []result{
		of("a", "raw", measurement{Wall: 12, CPU: 1.6, RSS: 14e6, Server: 3.7, counts: counts{Requests: 300, Bytes: 181e6}}, measurement{Wall: 17, CPU: 1.8, RSS: 14e6, Server: 5.1, counts: counts{Requests: 300, Bytes: 181e6}}),
		of("b", "kubectl", measurement{Wall: 81, CPU: 37, RSS: 3357e6, Server: 4.8}, measurement{Wall: 83, CPU: 35, RSS: 3357e6, Server: 4.6}),
		of("c", "stocktake", measurement{Wall: 5.2, CPU: 1.7, RSS: 67e6, Server: 3.6, counts: counts{150, 145e6, 0, 9e6, 90e6, 25_000}}),
	}
	return report{
		Machine: machine{"2026-01-02", "a CPU", 2, "go1.26", "v1.36.3"}, Program: weight{Size: 15e6, Start: 0.006},
		Races: []race{{20_000, true, all}, {200_000, true, []result{all[0], all[2]}}},
	}
}

func TestReportGolden(t *testing.T) {
	t.Parallel()
	for name, report := range map[string]report{"report.md": sample(), "objects.md": sampleOfObjects()} {
		var out bytes.Buffer
		report.print(&out)
		path := filepath.Join("testdata", name)
		if os.Getenv("UPDATE_GOLDEN") != "" {
			require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), out.String())
	}
}

func TestSummaryOfStocktakeIsItsLastLine(t *testing.T) {
	t.Parallel()
	c, err := summarized(nil, []byte(`{"message":"hello"}
{"summary":{"page_requests":3,"bytes_read":40,"counts":{"pods":5},"deliveries":[{"bytes_sent":6,"bytes_json":70}]}}
`))
	require.NoError(t, err)
	assert.Equal(t, counts{3, 40, 5, 6, 70, 0}, c)
	_, err = summarized(nil, []byte(`{"summary":{}}`))
	require.ErrorContains(t, err, "0 deliveries")
}

func TestProcessesAreReadFromProc(t *testing.T) {
	t.Parallel()
	s, err := statOf(os.Getpid())
	require.NoError(t, err)
	assert.Equal(t, os.Getppid(), s.parent)
	assert.NotEmpty(t, s.name)
	_, err = childNamed("no such program")
	require.ErrorContains(t, err, "no such program")
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-pods", "5, 10", "-rounds", "2"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, []int{5, 10}, o.sizes)
	assert.Equal(t, 2, o.rounds)
	for _, args := range [][]string{{"-pods", "10,5"}, {"-pods", "x"}, {"-pods", "0"}, {"-rounds", "0"}, {"extra"}, {"-nonsense"}, {"-kubectl", "k", "-limit", "5"}, {"-kubectl", "k", "-replay", "5"}} {
		_, err := parse(args, io.Discard)
		require.Error(t, err, "%v", args)
	}
}

func TestMetricsAreReadByTheirWholeName(t *testing.T) {
	t.Parallel()
	const metrics = "# HELP a_total x\na_total_seconds 1\na_total 1.25e+09\n"
	value, err := metricOf([]byte(metrics), "a_total")
	require.NoError(t, err)
	assert.InDelta(t, 1.25e9, value, 0)
	_, err = metricOf([]byte(metrics), "a")
	require.ErrorContains(t, err, "no metric a")
}

// TestEverybodyHasOneLapInARound, and not always the same one before.
func TestEverybodyHasOneLapInARound(t *testing.T) {
	t.Parallel()
	const entrants = 7
	before := map[int]bool{} // the second one
	for round := range 4 {
		var order []int
		for i := range entrants {
			order = append(order, place(i, round, entrants))
		}
		if at := slices.Index(order, 2); at > 0 {
			before[order[at-1]] = true
		}
		slices.Sort(order)
		assert.Equal(t, []int{0, 1, 2, 3, 4, 5, 6}, order)
	}
	assert.Len(t, before, 2)
}
