package programtest_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"stocktake/collector"
	"stocktake/collector/command"
	streams "stocktake/collector/terminal"
)

// inside is run for tables of many values: it calls what the program's main calls, in
// this process, which takes a tenth of the time that a start takes. The call has
// nothing but arguments and an environment; no signal reaches it.
func inside(t *testing.T, c call) outcome {
	t.Helper()
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
