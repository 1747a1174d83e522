package command_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector"
	"stocktake/collector/command"
)

// called runs a command line under the name by which the program was started.
func called(name string, words ...string) (code collector.Code, stdout, stderr string) {
	var out, errs bytes.Buffer
	turn.Lock()
	defer turn.Unlock()
	code = command.Run(context.Background(), append([]string{name}, words...), command.Process{Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

func TestPluginOfKubectlSaysHowItIsTyped(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"kubectl-stocktake", "/home/me/.krew/bin/kubectl-stocktake", `C:\krew\bin\kubectl-stocktake.exe`} {
		code, help, _ := called(name, "-help")
		assert.Equal(t, collector.OK, code)
		assert.Contains(t, help, "kubectl stocktake images")
		assert.NotRegexp(t, `(?m)^ *stocktake `, help)
		_, help, _ = called(name, "images", "-help")
		assert.Contains(t, help, "kubectl stocktake images -n shop --by workload")
		assert.NotRegexp(t, `(?m)^ *stocktake `, help)
		_, _, stderr := called(name, "-fast")
		assert.Contains(t, stderr, "kubectl stocktake -help shows how it is used")
	}
	_, help, _ := called("/usr/bin/stocktake", "images", "-help")
	assert.NotContains(t, help, "kubectl stocktake")
	assert.Contains(t, help, "   stocktake images --no-digest -o name")
}
