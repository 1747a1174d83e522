package programtest_test

import (
	"bytes"
	"context"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stocktake/collector"
	"stocktake/collector/command"
	streams "stocktake/collector/terminal"
)

// inside is run where the process is not what is tested: it calls what the program's main
// calls, in this process, which takes a tenth of the CPU that a start takes. The call has
// nothing but arguments and settings in its environment; no signal reaches it.
func inside(t *testing.T, c call) outcome {
	t.Helper()
	require.True(t, c.program == "" && c.limits == "" && !c.nobody && c.during == nil, "this takes a process: call run")
	for _, kv := range c.env {
		require.NotRegexp(t, ofTheProcess, kv, "libraries look for it in the environment of the process: call run")
	}
	if slowness > 1 {
		turn.Lock()
		defer turn.Unlock()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir := t.TempDir()
	note := newNote(t, dir)
	var stdout, stderr bytes.Buffer
	code := command.Run(ctx, append([]string{"stocktake"}, c.args...), command.Process{
		Build: collector.Build{Version: "1.2.3"}, Environ: c.environ(dir, note),
		Stdin: new(bytes.Buffer), Stdout: &stdout, Stderr: streams.NewStderr(ctx, &stderr),
	})
	return outcome{code: int(code), stdout: stdout.String(), stderr: stderr.String()}.read(t, note)
}

// ofTheProcess are variables that net/http, client-go and exec plugins read, not the settings.
var ofTheProcess = regexp.MustCompile(`^(?i:https?_proxy|no_proxy|kubeconfig|kubernetes_service_\w+|home|path|no_color)=`)

// turn lets one command line run at a time under the race detector: urfave/cli writes to
// variables of its package whenever it reads a line, the same each time.
var turn sync.Mutex
