package programtest_test

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/pushgatewaytest"
)

// The tests of this file look at what Prometheus would see after runs of the built
// program: at a real Pushgateway, and in a file.

// watched is a cluster whose runs are told to both.
type watched struct {
	*testing.T
	gateway, file string
	receiver      *anchoretest.Receiver
	call          call
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	cluster := smallCluster(t)
	w := &watched{T: t, gateway: pushgatewaytest.Start(t), file: filepath.Join(t.TempDir(), "stocktake.prom")}
	receiver, at := anchoretest.Start(t, receiverOptions())
	w.receiver = receiver
	w.call = delivering(at, call{args: []string{
		"-external", cluster.Kubeconfig(t), "-set", "metrics.pushgateway.url=" + w.gateway, "-set", "metrics.file.path=" + w.file,
	}})
	return w
}

// run makes a run with more settings.
func (w *watched) run(assignments ...string) outcome {
	w.Helper()
	c := w.call
	c.args = slices.Clone(c.args)
	for _, a := range assignments {
		c.args = append(c.args, "-set", a)
	}
	return run(w.T, c)
}

// value is that of a metric without labels of its own, at the Pushgateway and in the
// file.
func (w *watched) value(name string) float64 {
	w.Helper()
	pushed := pushgatewaytest.Values(w, w.gateway, name, "prod", "")
	require.Len(w, pushed, 1, name)
	written := promFile(w.T, w.file)[name].GetMetric()
	require.Len(w, written, 1, name)
	assert.InDelta(w, pushed[""], written[0].GetGauge().GetValue(), 0, name)
	return pushed[""]
}

func promFile(t *testing.T, path string) map[string]*dto.MetricFamily {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	require.NoError(t, err)
	return families
}

func TestMetricsOfARunAgreeWithItsInventory(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	begin := time.Now().Unix()
	got := w.run("ignore-not-running=false", "deliver.file.path="+filepath.Join(t.TempDir(), "native.json"))
	require.Equal(t, 0, got.code, got.stderr)

	native := run(t, call{args: append(slices.Clone(w.call.args), "-dry-run", "-set", "output-kind=stocktake", "prod")}).summary
	require.Equal(t, 4, native.Counts.Pods)
	assert.InDelta(t, native.Counts.Pods, w.value("stocktake_pods"), 0)
	assert.InDelta(t, native.Counts.Containers, w.value("stocktake_containers"), 0)
	assert.InDelta(t, native.Counts.WithoutDigest, w.value("stocktake_containers_without_digest"), 0)
	assert.InDelta(t, native.Counts.Images, w.value("stocktake_images"), 0)
	without, registries := 3.0, map[string]float64{"docker.io": 2, "quay.io": 1, "none": 1, "other": 0}
	if smallCluster(t).Minor() < imageVolumes {
		without = 2
		delete(registries, "quay.io")
	}
	assert.InDelta(t, without, w.value("stocktake_images_without_digest"), 0, "busybox, data and what is no reference")
	assert.Equal(t, registries,
		pushgatewaytest.Values(t, w.gateway, "stocktake_images_per_registry", "prod", "registry"))

	assert.InDelta(t, 0, w.value("stocktake_last_run_exit_code"), 0)
	assert.InDelta(t, 1, w.value("stocktake_last_run_complete"), 0)
	assert.InDelta(t, got.summary.Pages, w.value("stocktake_last_run_pages"), 0)
	assert.GreaterOrEqual(t, w.value("stocktake_last_success_timestamp_seconds"), float64(begin))
	assert.Positive(t, w.value("stocktake_last_run_read_bytes"))
	assert.Positive(t, w.value("stocktake_last_run_sent_bytes"))
	assert.Equal(t, map[string]float64{"accepted": 2, "failed": 0}, pushgatewaytest.Values(t, w.gateway, "stocktake_last_run_deliveries", "prod", "outcome"))
	assert.Len(t, pushgatewaytest.Values(t, w.gateway, "stocktake_last_run_phase_duration_seconds", "prod", "phase"), 4)
}

// TestMetricsOfARunAreThoseThatAreDescribed: dashboard and alerts are checked against
// the same text.
func TestMetricsOfARunAreThoseThatAreDescribed(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	require.Equal(t, 0, w.run().code)
	described := slices.Sorted(maps.Keys(promFile(t, filepath.Join(root, "collector", "metrics", "testdata", "success.txt"))))

	assert.Equal(t, described, slices.Sorted(maps.Keys(promFile(t, w.file))))
	pushed := slices.Sorted(maps.Keys(pushgatewaytest.Metrics(t, w.gateway)))
	assert.Subset(t, pushed, described)
	for _, name := range pushed {
		assert.Equal(t, slices.Contains(described, name), strings.HasPrefix(name, "stocktake_"), name)
	}
}

func TestMetricsOfAFailureKeepTheLastSuccess(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	require.Equal(t, 0, w.run().code)
	success, images := w.value("stocktake_last_success_timestamp_seconds"), w.value("stocktake_images")
	w.receiver.FailNext(1, anchoretest.Fault{Status: http.StatusForbidden})
	require.Equal(t, 4, w.run().code)

	assert.InDelta(t, 4, w.value("stocktake_last_run_exit_code"), 0)
	assert.InDelta(t, 0, w.value("stocktake_last_run_complete"), 0)
	assert.InDelta(t, success, w.value("stocktake_last_success_timestamp_seconds"), 0)
	assert.InDelta(t, images, w.value("stocktake_images"), 0)
	assert.Equal(t, map[string]float64{"accepted": 0, "failed": 1}, pushgatewaytest.Values(t, w.gateway, "stocktake_last_run_deliveries", "prod", "outcome"))
}

// TestMetricsOfEveryWayToEnd: the settings may be all that was read.
func TestMetricsOfEveryWayToEnd(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	for _, c := range []struct {
		code int
		set  []string
	}{
		{0, nil},
		{2, []string{"log.level=loud"}},
		{2, []string{"kubernetes.request-batch-size=many"}},
		{2, []string{"anchore.url=nowhere"}},
		{8, []string{"namespace-selectors.include=no-.*"}},
	} {
		got := w.run(c.set...)
		require.Equal(t, c.code, got.code, got.stderr)
		assert.InDelta(t, c.code, w.value("stocktake_last_run_exit_code"), 0, "%v", c.set)
	}
	w.call.args[1] = refusedConfig(t)
	got := w.run()
	require.Equal(t, 3, got.code)
	assert.InDelta(t, 3, w.value("stocktake_last_run_exit_code"), 0, got.stderr)
}

// refusedConfig reaches an API server that refuses everything.
func refusedConfig(t *testing.T) string {
	t.Helper()
	proxy := faultproxy.New(t, smallCluster(t).Config())
	proxy.Match = func(r *http.Request) bool { return r.URL.Path != "/version" } // a run does without
	proxy.Script(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	})
	return faultproxy.WriteKubeconfig(t, proxy.Serve(t))
}

func TestMetricsAreToldAfterTheRunWasEnded(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.receiver.Fail(anchoretest.Fault{Kind: anchoretest.Hang})
	w.call.during = func(p *os.Process) {
		for w.receiver.PendingFaults() > 0 {
			time.Sleep(10 * time.Millisecond)
		}
		_ = p.Signal(syscall.SIGTERM) // gone already: the exit code tells
	}
	require.Equal(t, 143, w.run().code)
	assert.InDelta(t, 143, w.value("stocktake_last_run_exit_code"), 0)

	w.receiver.Fail(anchoretest.Fault{Kind: anchoretest.Hang})
	w.call.during = nil
	require.Equal(t, 124, w.run("deadline=2s").code)
	assert.InDelta(t, 124, w.value("stocktake_last_run_exit_code"), 0)
}

// TestMetricsNeverChangeTheExitCode: what goes wrong with them is a warning, after a
// bounded time.
func TestMetricsNeverChangeTheExitCode(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	const hanging = "hanging"
	for name, c := range map[string]struct{ set, says string }{
		"refused connection": {"metrics.pushgateway.url=http://127.0.0.1:1", "connection refused"},
		hanging:              {"metrics.pushgateway.url=http://" + silent.Addr().String(), "deadline exceeded"},
		"400":                {"metrics.pushgateway.url=" + answering(t, http.StatusBadRequest), "400 Bad Request"},
		"503":                {"metrics.pushgateway.url=" + answering(t, http.StatusServiceUnavailable), "503 Service Unavailable"},
		"wrong path":         {"metrics.pushgateway.url=" + w.gateway + "/nowhere", "404 Not Found"},
		"missing CA file":    {"metrics.pushgateway.ca-file=/nonexistent", "metrics.pushgateway.ca-file"},
		"missing folder":     {"metrics.file.path=/nonexistent/x.prom", "no such file or directory"},
		"no file there":      {"metrics.file.path=/proc/self/x.prom", "metrics.file.path"},
		"a full device":      {"metrics.file.path=/dev/full", "not a regular file"},
		"a pipe":             {"metrics.file.path=" + pipe, "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin, before := time.Now(), accepted(w.receiver)
			c2 := w.call
			timeout := map[bool]string{true: "1s", false: "10s"}[name == hanging]
			c2.args = append(slices.Clone(c2.args), "-set", c.set, "-set", "metrics.timeout="+timeout, "-set", "log.structured=true")
			got := inside(t, c2)
			assert.Equal(t, 0, got.code, got.stderr)
			assert.Greater(t, accepted(w.receiver), before)
			assert.True(t, got.summary.Complete)
			assert.Less(t, time.Since(begin), soon)
			warnings := slices.DeleteFunc(linesWith(got.stderr, `"level":"warn"`), func(line string) bool {
				return strings.Contains(line, "anchore.url begins with http://")
			})
			require.Len(t, warnings, 1, got.stderr)
			assert.Contains(t, warnings[0], c.says)
		})
	}
}

func answering(t *testing.T, status int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(s.Close)
	return s.URL
}

func linesWith(text, part string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return !strings.Contains(line, part) })
}

// TestMetricsAreOfRunsOnly: a person who looks is not the last run of the cluster.
func TestMetricsAreOfRunsOnly(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	dry := w.run("dry-run=true")
	require.Equal(t, 0, dry.code, dry.stderr)
	saved := filepath.Join(t.TempDir(), "saved.json")
	require.NoError(t, os.WriteFile(saved, []byte(dry.stdout), 0o600))
	sent := run(t, call{args: append(slices.Clone(w.call.args[2:]), "send", saved), env: w.call.env})
	require.Equal(t, 0, sent.code, sent.stderr)

	assert.NoFileExists(t, w.file)
	assert.NotContains(t, pushgatewaytest.Metrics(t, w.gateway), "stocktake_last_run_exit_code")
}

func TestMetricsSettingsThatAreWrongAreFoundFirst(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	for set, says := range map[string]string{
		"metrics.pushgateway.url=http://robot:s3cret@gateway": "metrics.pushgateway.user",
		"metrics.pushgateway.url=gateway:9091":                "metrics.pushgateway.url",
		"metrics.timeout=0s":                                  "metrics.timeout",
		"metrics.timeout=61s":                                 "metrics.timeout",
	} {
		got := w.run(set)
		assert.Equal(t, 2, got.code, set)
		assert.Contains(t, got.summary.Reason, says)
		assert.Zero(t, got.summary.Pages)
	}
	assert.Empty(t, w.receiver.Requests())
	nameless := run(t, call{args: []string{"-set", fmt.Sprintf("metrics.file.path=%s", w.file)}})
	assert.Equal(t, 2, nameless.code)
	assert.Contains(t, nameless.stderr, "name of the cluster")
	assert.NoFileExists(t, w.file)
}
