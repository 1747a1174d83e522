package metrics

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// written is what the file holds after the runs.
func written(t *testing.T, path string, runs ...*Run) map[string]*dto.MetricFamily {
	t.Helper()
	for _, run := range runs {
		require.NoError(t, run.Write(path))
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(string(text), "\n# EOF\n"), "the end of an OpenMetrics text")
	return parsed(t, text)
}

func TestWriteKeepsWhatAFailureDoesNotSay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stocktake.prom")
	first := written(t, path, success(t))
	then := written(t, path, failure(), failure())

	require.Len(t, first, len(everything()))
	assert.Len(t, then, len(first))
	assert.InDelta(t, 6, only(t, then, "stocktake_last_run_exit_code"), 0)
	assert.InDelta(t, 1_700_000_900, only(t, then, "stocktake_last_run_timestamp_seconds"), 0)
	assert.InDelta(t, 1_700_000_000, only(t, then, "stocktake_last_success_timestamp_seconds"), 0)
	assert.Equal(t, first["stocktake_images_per_registry"].String(), then["stocktake_images_per_registry"].String())
	for name, f := range then {
		for _, m := range f.GetMetric() {
			labels := m.GetLabel()
			assert.Equal(t, "prod", labels[len(labels)-1].GetValue(), name)
		}
	}
}

func TestWriteForgetsRegistriesThatAreGone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stocktake.prom")
	later := success(t)
	later.Inventory.Images = counted(t, "ghcr.io/a/b:1")
	families := written(t, path, success(t), later)

	var registries []string
	for _, m := range families["stocktake_images_per_registry"].GetMetric() {
		registries = append(registries, m.GetLabel()[0].GetValue())
	}
	assert.Equal(t, []string{"ghcr.io", otherRegistries}, registries)
}

func TestWriteKeepsNothingOfOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stocktake.prom")
	require.NoError(t, os.WriteFile(path, []byte(`# TYPE stocktake_pods gauge
stocktake_pods{cluster="prod"} 7 1700000000000
stocktake_pods{cluster="prod"} 8
stocktake_pods{cluster="test"} 9
stocktake_pods 10
stocktake_pods{cluster="prod",node="x"} 11
# TYPE stocktake_images counter
stocktake_images{cluster="prod"} 12
# TYPE stocktake_gone gauge
stocktake_gone{cluster="prod"} 13
# TYPE stocktake_last_run_pages gauge
stocktake_last_run_pages{cluster="prod"} 14
`), 0o600))
	families := written(t, path, failure())

	assert.InDelta(t, 7, only(t, families, "stocktake_pods"), 0)
	assert.Nil(t, families["stocktake_pods"].GetMetric()[0].TimestampMs)
	assert.NotContains(t, families, "stocktake_images", "a counter is none of ours")
	assert.NotContains(t, families, "stocktake_gone")
	assert.InDelta(t, 0, only(t, families, "stocktake_last_run_pages"), 0)
}

func TestWriteReplacesGarbageAndSaysSo(t *testing.T) {
	t.Parallel()
	for name, garbage := range map[string]string{
		"no metrics": "{\"json\": true}", "half a line": `stocktake_pods{cluster="pr`, "bytes": "\x00\xff\xfe", "large": strings.Repeat("# x\n", maxFile/4+1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "stocktake.prom")
			require.NoError(t, os.WriteFile(path, []byte(garbage), 0o600))
			require.ErrorContains(t, success(t).Write(path), "lost")
			assert.Len(t, written(t, path, failure()), len(everything()))
		})
	}
}

// FuzzWriteOver: whatever is in the file, what replaces it can be read, and says each
// thing once.
func FuzzWriteOver(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("stocktake_pods 1\n"))
	f.Add([]byte("# TYPE stocktake_images_per_registry gauge\nstocktake_images_per_registry{registry=\"a\",cluster=\"prod\"} NaN 5\n"))
	f.Add([]byte("# TYPE stocktake_pods gauge\nstocktake_pods{cluster=\"prod\"} 1e999\n# EOF\n"))
	f.Add([]byte("# TYPE stocktake_pods gauge\nstocktake_pods{\"a.b\"=\"\\n\",cluster=\"prod\"} 1\n"))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, before []byte) {
		path := filepath.Join(folder, "stocktake.prom")
		require.NoError(t, os.WriteFile(path, before, 0o600))
		_ = failure().Write(path) // that the old text is lost is no failure
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for name, family := range parsed(t, text) {
			seen := map[string]bool{}
			for _, m := range family.GetMetric() {
				series := ""
				for _, l := range m.GetLabel() {
					series += l.String()
				}
				assert.False(t, seen[series], "%s %s", name, series)
				seen[series] = true
				assert.Nil(t, m.TimestampMs, name)
			}
		}
		assert.InDelta(t, 6, only(t, parsed(t, text), "stocktake_last_run_exit_code"), 0)
	})
}
