package programtest_test

import (
	"bytes"
	"context"
	"flag"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

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
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
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

// help is the flag --help of a command line that others are read beside. The library has
// one flag for all, and writes to it whenever it reads the flags of a command.
type help struct{ *cli.BoolFlag }

// Apply implements cli.Flag.
func (h help) Apply(set *flag.FlagSet) error {
	one := *h.BoolFlag
	return one.Apply(set)
}

// besideOthers lets command lines be read beside each other in this process.
func besideOthers() {
	if shared, ok := cli.HelpFlag.(*cli.BoolFlag); ok {
		cli.HelpFlag = help{shared}
	}
}
