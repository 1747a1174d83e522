package metrics

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// success is a run that delivered everything.
func success(t *testing.T) *Run {
	t.Helper()
	return &Run{
		Cluster: "prod", Version: "1.2.3", Ended: time.Unix(1_700_000_000, 0), Complete: true,
		Seconds: 1.5, Phases: []Phase{{"pods", 1.25}, {"delivery", 0.25}},
		Pages: 3, Requests: 4, Throttled: 1, Read: 1 << 20, Accepted: 2, Sent: 4096,
		Inventory: &Inventory{Namespaces: 2, Nodes: 3, LeftOut: 4, Images: counted(t, "nginx:1", "quay.io/a/b:1")},
	}
}

// failure is a run that delivered nothing.
func failure() *Run {
	return &Run{Cluster: "prod", Version: "1.2.4", Ended: time.Unix(1_700_000_900, 0), ExitCode: 6, Phases: []Phase{{"pods", 1}}}
}

// counted is the counts of one pod with the given images.
func counted(t *testing.T, images ...string) *ImageCounts {
	t.Helper()
	var c ImageCounts
	require.NoError(t, c.Pod(podOf(images...)))
	require.NoError(t, c.End("team-a", nil))
	return &c
}

func podOf(images ...string) *inventory.Pod {
	pod := inventory.Pod{Namespace: "team-a", Name: "web"}
	for _, written := range images {
		pod.Containers = append(pod.Containers, inventory.Container{Kind: inventory.Regular, Image: image.Resolve(written, "", "")})
	}
	return &pod
}

// parsed reads a text as Prometheus does.
func parsed(t *testing.T, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	require.NoError(t, err, "%s", text)
	return families
}

// only is the value of the only metric of a family.
func only(t *testing.T, families map[string]*dto.MetricFamily, name string) float64 {
	t.Helper()
	require.Len(t, families[name].GetMetric(), 1, name)
	return families[name].GetMetric()[0].GetGauge().GetValue()
}

func TestTextFollowsTheConventions(t *testing.T) {
	t.Parallel()
	text, err := success(t).Text()
	require.NoError(t, err)
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	require.NoError(t, err)
	assert.Empty(t, problems)
	for name, f := range parsed(t, text) {
		assert.Equal(t, dto.MetricType_GAUGE, f.GetType(), name)
		assert.NotEmpty(t, f.GetHelp(), name)
		assert.NotContains(t, f.GetHelp(), `"`, "the two text formats escape it in two ways")
	}
}

func TestTextGolden(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]*Run{"success": success(t), "failure": failure()} {
		text, err := run.Text()
		require.NoError(t, err)
		path := filepath.Join("testdata", name+".txt")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			require.NoError(t, os.WriteFile(path, text, 0o600))
			require.NoError(t, os.Chmod(path, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err, "write it with make generate")
		assert.Equal(t, string(want), string(text))
	}
}

// TestTextOfAFailureSaysNothingOfTheInventory: what is not said is not replaced.
func TestTextOfAFailureSaysNothingOfTheInventory(t *testing.T) {
	t.Parallel()
	text, err := failure().Text()
	require.NoError(t, err)
	families := parsed(t, text)

	assert.InDelta(t, 6, only(t, families, "stocktake_last_run_exit_code"), 0)
	for _, name := range []string{"stocktake_last_success_timestamp_seconds", "stocktake_images", "stocktake_pods"} {
		assert.NotContains(t, families, name)
	}
}

// TestTextOfAnIncompleteRunIsNoSuccess although it delivered an inventory.
func TestTextOfAnIncompleteRunIsNoSuccess(t *testing.T) {
	t.Parallel()
	run := success(t)
	run.ExitCode, run.Complete, run.Gaps = 7, false, 1
	text, err := run.Text()
	require.NoError(t, err)
	families := parsed(t, text)

	assert.NotContains(t, families, "stocktake_last_success_timestamp_seconds")
	assert.InDelta(t, 2, only(t, families, "stocktake_images"), 0)
	assert.InDelta(t, 1, only(t, families, "stocktake_last_run_gaps"), 0)
}

// TestTextOfNothingIsStillSaid: a family that is left out would keep its old values.
func TestTextOfNothingIsStillSaid(t *testing.T) {
	t.Parallel()
	run := success(t)
	run.Inventory.Images = &ImageCounts{}
	text, err := run.Text()
	require.NoError(t, err)
	families := parsed(t, text)

	assert.InDelta(t, 0, only(t, families, "stocktake_images_per_registry"), 0)
	assert.Len(t, families, len(everything()))
}

func TestTextHoldsOddLabels(t *testing.T) {
	t.Parallel()
	run := success(t)
	run.Cluster, run.Version = "a\xff\"b\\\n", "\x00\xffé\""
	text, err := run.Text()
	require.NoError(t, err)
	assert.Equal(t, "\x00\uFFFDé\"", parsed(t, text)["stocktake_build_info"].GetMetric()[0].GetLabel()[0].GetValue())
	path := filepath.Join(t.TempDir(), "run.prom")
	require.NoError(t, run.Write(path))
	require.NoError(t, run.Write(path), "it reads what it wrote")
}

func TestImageCountsCountsOnlyNamespacesThatEndedWell(t *testing.T) {
	t.Parallel()
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	c := counted(t, "nginx:1", "nginx:1", "quay.io/a/b"+digest, "reg.io/Case:1")
	require.NoError(t, c.Pod(podOf("lost:1")))
	require.NoError(t, c.End("team-b", &inventory.Gap{}))
	require.NoError(t, c.Pod(podOf("nginx:1", "")))
	require.NoError(t, c.End("team-c", nil))

	assert.Equal(t, counts{pods: 2, containers: 6, withoutDigest: 5}, c.settled)
	assert.Len(t, c.images, 4)
	assert.Equal(t, 3, c.withoutDigest())
	assert.Equal(t, []registry{{noRegistry, 2}, {"docker.io", 1}, {"quay.io", 1}, {otherRegistries, 0}}, c.registries())
}

func TestImageCountsBoundsTheRegistries(t *testing.T) {
	t.Parallel()
	var images []string
	for i := range 500 {
		images = append(images, fmt.Sprintf("r%03d.example.com/a:1", i))
	}
	c := counted(t, append(images, "r400.example.com/b:1")...)
	all := c.registries()

	require.Len(t, all, maxRegistries+1)
	assert.Equal(t, registry{"r400.example.com", 2}, all[0])
	assert.Equal(t, registry{"r000.example.com", 1}, all[1])
	assert.Equal(t, registry{otherRegistries, 500 - maxRegistries}, all[maxRegistries])
}
