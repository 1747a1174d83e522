package programtest_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStdoutThatNobodyReadsHoldsNothingUp fills a pipe that is never read, with each
// command that prints much, and ends the wait by the deadline and by a signal.
func TestStdoutThatNobodyReadsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	saved := "testdata/saved/incomplete.json"
	live := []string{"-external", cluster.Kubeconfig(t)}
	for name, test := range map[string]struct {
		args    []string
		noRun   bool // it has neither deadline nor summary
		summary bool
	}{
		"dry run": {args: append(live, "-dry-run", "-set", "output-kind=stocktake", "prod"), summary: true},
		"report":  {args: []string{"-set", "allow-incomplete=true", "report", "-f", saved, "-"}},
		"images":  {args: []string{"-set", "allow-incomplete=true", "images", "-f", saved, "-o", "cyclonedx"}},
		"doctor":  {args: append(live, "doctor", "-set", "cluster-id=prod", "-set", "deliver.file.path=inventory.json")},
		"man":     {args: []string{"man"}, noRun: true},
		"help":    {args: []string{"-help"}, noRun: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits, most of the time
			code, told := runUnread(t, append([]string{}, test.args...), syscall.SIGTERM)
			assert.Equal(t, 143, code, told)
			if test.summary {
				assert.Contains(t, told, `"exit_code":143`)
			}
			if test.noRun {
				return
			}
			code, told = runUnread(t, append([]string{"-set", "deadline=2s"}, test.args...), nil)
			assert.Equal(t, 124, code, told)
			if test.summary {
				assert.Contains(t, told, `"exit_code":124`)
			}
		})
	}
}

// TestStderrThatNobodyReadsHoldsNothingUp fills a pipe that is never read, with
// commands that log much, and ends the wait by the deadline and by a signal.
func TestStderrThatNobodyReadsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	live := []string{"-external", cluster.Kubeconfig(t), "-set", "log.level=debug"}
	for name, command := range map[string][]string{
		"run":    {"-dry-run", "prod"},
		"doctor": {"doctor", "-set", "cluster-id=prod", "-set", "deliver.file.path=inventory.json"},
		"images": {"images"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits, most of the time
			code, _ := runUnreadStderr(t, append(slices.Clone(live), command...), syscall.SIGTERM)
			assert.Equal(t, 143, code)
			began := time.Now()
			code, _ = runUnreadStderr(t, append([]string{"-set", "deadline=2s"}, append(slices.Clone(live), command...)...), nil)
			assert.Equal(t, 124, code)
			assert.Less(t, time.Since(began), soon)
		})
	}
}

// runUnread runs the program with a full pipe as stdout, and returns its exit code
// and what it wrote to stderr. The signal comes once it is there.
func runUnread(t *testing.T, args []string, signal os.Signal) (int, string) {
	t.Helper()
	return runFull(t, args, signal, func(cmd *exec.Cmd, full *os.File, read *bytes.Buffer) { cmd.Stdout, cmd.Stderr = full, read })
}

// runUnreadStderr is the same for stderr, with what stdout got.
func runUnreadStderr(t *testing.T, args []string, signal os.Signal) (int, string) {
	t.Helper()
	return runFull(t, args, signal, func(cmd *exec.Cmd, full *os.File, read *bytes.Buffer) { cmd.Stderr, cmd.Stdout = full, read })
}

// runFull runs the program with a full pipe as one of its streams.
func runFull(t *testing.T, args []string, signal os.Signal, connect func(cmd *exec.Cmd, full *os.File, read *bytes.Buffer)) (int, string) {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close() //nolint:errcheck // of a test
	defer w.Close() //nolint:errcheck // likewise
	size, err := smallPipe(w)
	require.NoError(t, err)
	_, err = w.WriteString(strings.Repeat("x", size-16))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	var read bytes.Buffer
	cmd.Env = []string{"HOME=" + t.TempDir()}
	connect(cmd, w, &read)
	require.NoError(t, cmd.Start())
	if signal != nil {
		require.Eventually(t, func() bool { return writing(cmd.Process.Pid) }, time.Minute, 20*time.Millisecond, "until it waits for a reader")
		require.NoError(t, cmd.Process.Signal(signal))
	}
	_ = cmd.Wait() // the code is what counts
	return cmd.ProcessState.ExitCode(), read.String()
}
