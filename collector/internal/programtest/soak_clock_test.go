package programtest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/faultproxy"
)

// TestClockThatStepsChangesNoRun sets the clock of a run back and forth by a day.
// What is waited for and what is measured must not notice. A machine's clock is
// not for tests to set: the program is built with a library whose clock steps.
func TestClockThatStepsChangesNoRun(t *testing.T) {
	t.Parallel()
	if os.Getenv("STOCKTAKE_SOAK") == "" {
		t.Skip("builds the standard library and all that uses it")
	}
	stepping := steppingProgram(t)
	cluster := matrixCluster(t)
	for _, step := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		t.Run(step.String(), func(t *testing.T) {
			s := newStage(t, cluster)
			s.program, s.env = stepping, append(s.env, "STEP="+strconv.Itoa(int(step.Seconds())))
			s.proxy.Script(faultproxy.Busy(3))
			s.receiver.Fail(anchoretest.Fault{Status: 503, RetryAfter: "1"})
			got := run(t, s.call)
			assert.Equal(t, 0, got.code, got.stderr)
			assert.InDelta(t, 32, got.seconds(t), 29, "seconds that a run of two waits takes, of three and of one")
			assert.Equal(t, step < 0, got.stepped(t) < 0, "the clock did not step: %s", got.stderr)
			s.judge(got)

			s = newStage(t, cluster)
			s.program, s.env = stepping, append(s.env, "STEP="+strconv.Itoa(int(step.Seconds())))
			s.setting("deadline=3s")
			always(faultproxy.Hang)(s)
			began := time.Now()
			got = run(t, s.call)
			assert.Equal(t, 124, got.code, got.stderr)
			assert.InDelta(t, 16, time.Since(began).Seconds(), 13.5)
			s.judge(got)
		})
	}
}

// steppingProgram builds the program with a clock that steps by STEP seconds, one
// and a half after the start. Its monotonic part goes on, as that of a
// machine does.
func steppingProgram(t *testing.T) string {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	original := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	text, err := os.ReadFile(original)
	require.NoError(t, err)
	const reads = "	mono -= startNano\n"
	require.Equal(t, 1, strings.Count(string(text), reads), "the library reads its clock in another way")
	dir := t.TempDir()
	changed, added := filepath.Join(dir, "time.go"), filepath.Join(dir, "step.go")
	require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(text), reads, reads+"	sec += step(mono)\n", 1)), 0o600))
	require.NoError(t, os.WriteFile(added, []byte(stepSource), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		original: changed, filepath.Join(filepath.Dir(original), "step.go"): added,
	}})
	require.NoError(t, err)
	file := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))
	path := filepath.Join(dir, "stocktake")
	require.NoError(t, build(path, nil, "-overlay", file))
	return path
}

const stepSource = `package time

import "syscall"

func step(mono int64) int64 {
	if mono < 1500e6 {
		return 0
	}
	var seconds int64
	text, _ := syscall.Getenv("STEP")
	for _, digit := range text {
		if digit != '-' {
			seconds = 10*seconds + int64(digit-'0')
		}
	}
	if text[0] == '-' {
		return -seconds
	}
	return seconds
}
`

// times are those of the summary.
type times struct {
	Time    time.Time // of the line, its last
	Summary struct {
		Started time.Time
		Seconds struct{ Preflight, Cluster, Pods, Delivery, Total float64 }
	}
}

func (o *outcome) times(t *testing.T) times {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(o.stderr), "\n")
	var read times
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &read))
	return read
}

// seconds is how long the run says it took; no phase took less than no time.
func (o *outcome) seconds(t *testing.T) float64 {
	t.Helper()
	took := o.times(t).Summary.Seconds
	for _, phase := range []float64{took.Preflight, took.Cluster, took.Pods, took.Delivery} {
		assert.GreaterOrEqual(t, phase, 0.0, o.stderr)
		assert.LessOrEqual(t, phase, took.Total)
	}
	return took.Total
}

// stepped is by how much the clock of the run stepped.
func (o *outcome) stepped(t *testing.T) time.Duration {
	t.Helper()
	read := o.times(t)
	return read.Time.Sub(read.Summary.Started)
}
