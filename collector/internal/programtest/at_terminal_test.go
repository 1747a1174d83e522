package programtest_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
)

// typed runs the program with the named streams (i, o, e) on a terminal, and the
// others in files, and returns everything that it wrote.
func typed(t *testing.T, streams string, c call) (written string, code int) {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	master, slave, err := pty.Open()
	require.NoError(t, err)
	dir := t.TempDir()
	file, err := os.CreateTemp(dir, "written")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), path, c.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, file, file
	if strings.Contains(streams, "i") {
		cmd.Stdin = slave
	}
	if strings.Contains(streams, "o") {
		cmd.Stdout = slave
	}
	if strings.Contains(streams, "e") {
		cmd.Stderr = slave
	}
	cmd.Env = append([]string{"HOME=" + dir, "TERM=xterm"}, c.env...)
	require.NoError(t, cmd.Start())
	require.NoError(t, slave.Close())
	shown, _ := io.ReadAll(master) // ends with an error of the system when the last writer is gone
	_ = cmd.Wait()                 // the exit code tells
	saved, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(shown) + string(saved), cmd.ProcessState.ExitCode()
}

func TestAtATerminalAWordThatIsNoCommandSendsNothing(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	kube := "KUBECONFIG=" + cluster.Kubeconfig(t)
	refused := func(streams string, args ...string) {
		receiver, at := anchoretest.Start(t, receiverOptions())
		written, code := typed(t, streams, delivering(at, call{args: args, env: []string{kube}}))
		assert.Equal(t, 2, code, "%s %s: %s", args, streams, written)
		assert.Contains(t, written, "stocktake deliver ", "%s %s", args, streams)
		assert.Empty(t, receiver.Requests(), "%s %s", args, streams)
	}
	for _, args := range [][]string{{"ls"}, {"scan"}, {"export"}, {"-output", "table", "prod-1"}, {"--context", "", "prod-1"}, {"--kubeconfig", cluster.Kubeconfig(t), "ls"}, {"-set", "deadline=1m"}, {"-dry-run=false", "prod-1"}} {
		refused("e", args...)
	}
	for _, streams := range []string{"ioe", "io", "ie", "i", "o"} { // where the terminal is and what is typed are judged apart
		refused(streams, "ls")
		refused(streams, "-output", "table", "prod-1")
	}
	written, _ := typed(t, "ioe", call{args: []string{"lst"}})
	assert.Contains(t, written, `"lst" is no command: did you mean list?`)
}

func TestProgramAloneAtATerminalShowsTheHelp(t *testing.T) {
	t.Parallel()
	receiver, at := anchoretest.Start(t, receiverOptions())
	for _, env := range [][]string{nil, {"STOCKTAKE_DEADLINE=1m"}} {
		screen, stdout, code := terminal(t, delivering(at, call{env: env}))
		assert.Equal(t, 2, code, "nothing was delivered")
		assert.Empty(t, stdout)
		assert.Contains(t, screen, "   stocktake images ")
		assert.Contains(t, screen, "   deliver ")
		assert.NotContains(t, screen, "ERR", "it is not a run that failed")
	}
	assert.Empty(t, receiver.Requests())
}

// TestAtATerminalARunIsAskedFor has the word, and each flag that means a run.
func TestAtATerminalARunIsAskedFor(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	kubeconfig := cluster.Kubeconfig(t)
	none := t.TempDir()
	for _, c := range []struct {
		args  []string
		posts int
	}{
		{[]string{"deliver"}, 1},
		{[]string{"deliver", "prod"}, 1},
		{[]string{"-set", "quiet=true", "deliver", "prod"}, 1},
		{[]string{"-external", kubeconfig, "prod"}, 1},
		{[]string{"prod", "--external=" + kubeconfig}, 1},
		{[]string{"-config", none}, 1},
		{[]string{"-dry-run", "prod"}, 0},
		{[]string{"-set", "dry-run=true", "prod"}, 0},
		{[]string{"deliver", "--dry-run", "prod"}, 0},
	} {
		receiver, at := anchoretest.Start(t, receiverOptions())
		written, code := typed(t, "ioe", delivering(at, call{args: c.args, env: []string{"KUBECONFIG=" + kubeconfig}}))
		assert.Equal(t, 0, code, "%s: %s", c.args, written)
		assert.Equal(t, c.posts, accepted(receiver), "%s", c.args)
	}
}

func TestWithoutATerminalAllStaysAsItWas(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	for _, args := range [][]string{{}, {"prod"}, {"deliver", "prod"}} {
		receiver, at := anchoretest.Start(t, receiverOptions())
		got := run(t, delivering(at, call{args: args, env: []string{"KUBECONFIG=" + cluster.Kubeconfig(t)}}))
		assert.Equal(t, 0, got.code, got.stderr)
		assert.Equal(t, 1, accepted(receiver), "%s", args)
		assert.Equal(t, http.StatusCreated, got.summary.Deliveries[0].Status)
	}
	got := run(t, call{})
	assert.Equal(t, 2, got.summary.Code, "a run that programs read ends as every run does")
	written, code := typed(t, "ioe", call{env: []string{"KUBERNETES_SERVICE_HOST=192.0.2.1"}})
	assert.Equal(t, 2, code)
	assert.Contains(t, written, "the cluster has no name", "a pod with a terminal is still a pod")
	got = run(t, call{args: []string{"deliver", "a", "b"}})
	assert.Equal(t, 2, got.code)
	got = run(t, call{args: []string{"-set", "cluster-id=a", "deliver", "b"}})
	assert.Contains(t, got.stderr, "two cluster IDs")
}
