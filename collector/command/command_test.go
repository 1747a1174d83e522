package command_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector"
	"stocktake/collector/command"
)

// turn lets one command line run at a time, as in a process: urfave/cli writes to
// a variable of its package whenever it reads the flags of a command.
var turn sync.Mutex

// line runs a command line that needs no cluster and returns what it printed.
func line(t *testing.T, words ...string) (code collector.Code, stdout, stderr string) {
	t.Helper()
	turn.Lock()
	defer turn.Unlock()
	var out, errs bytes.Buffer
	code = command.Run(context.Background(), append([]string{"stocktake"}, words...), command.Process{
		Build: collector.Build{Version: "1.2.3"}, Environ: []string{"HOME=" + t.TempDir()},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
	})
	return code, out.String(), errs.String()
}

func TestFlagsAreTakenWhereverTheyStand(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"before the command":         "-set cluster-id=there settings",
		"after the command":          "settings -set cluster-id=there",
		"with two dashes":            "settings --set cluster-id=there",
		"with an equals sign":        "settings --set=cluster-id=there",
		"stronger after than before": "-set cluster-id=here settings -set cluster-id=there",
	}
	for name, words := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := line(t, strings.Fields(words)...)

			assert.Equal(t, collector.OK, code, stderr)
			assert.Regexp(t, `(?m)^cluster-id +"there" +flag`, stdout)
		})
	}
}

func TestValuesAreTakenRightBehindAFlagOfOneLetter(t *testing.T) {
	t.Parallel()
	for words, says := range map[string]string{
		"version -ojson":           "",
		"version -o=json":          "",
		"version -oyaml":           `"yaml" is not one of text, json`,
		"images -no-digest -oyaml": `-o: "yaml" is not one of`, // -no-digest is a flag, not -n
		"images -nshop -oyaml":     `-o: "yaml" is not one of`,
		"images --ojson":           "--ojson is no flag of images",
	} {
		code, _, stderr := line(t, strings.Fields(words)...)
		assert.Equal(t, says == "", code == collector.OK, "%s: %s", words, stderr)
		assert.Contains(t, stderr, says, words)
	}
}

func TestFlagsBeforeAndAfterTheCommandAddUp(t *testing.T) {
	t.Parallel()
	_, stdout, _ := line(t, "-set", "cluster-id=c", "-context", "one", "settings", "-set", "output=json", "-context", "two")

	assert.Regexp(t, `(?m)^cluster-id +"c"`, stdout)
	assert.Regexp(t, `(?m)^output +"json"`, stdout)
	assert.Regexp(t, `(?m)^kubeconfig.context +"two"`, stdout)
}

func TestUsageErrorsNameTheWayOut(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ words, says string }{
		"unknown flag":              {"-fast", "-fast"},
		"unknown flag of a command": {"version -fast", "-fast"},
		"two cluster IDs":           {"one two", "2 arguments: there is one, the cluster ID"},
		"no file to send":           {"send", "send takes one argument"},
		"-set without a value":      {"settings -set cluster-id", "-set cluster-id: write it as NAME=VALUE"},
		"two cluster IDs, or a command of another release": {"inventory -set cluster-id=prod", `two cluster IDs: "inventory" and, with -set, "prod"`},
		"nearly a command": {"settingz", `"settingz" is no command: did you mean settings? A cluster of that name is given as -set cluster-id=settingz`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := line(t, strings.Fields(test.words)...)

			assert.Equal(t, collector.BadSettings, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, test.says)
			assert.Contains(t, stderr, "stocktake -help")
		})
	}
}

func TestWordsAfterTwoDashesAreNoFlags(t *testing.T) {
	t.Parallel()
	code, _, stderr := line(t, "send", "--", "-set")

	assert.Equal(t, collector.BadSettings, code)
	assert.NotContains(t, stderr, "usage", "the file is called -set, and what is missing is a receiver")
}

func TestFlagsOfKubectlAreSettings(t *testing.T) {
	t.Parallel()
	_, stdout, stderr := line(t, "--as", "jane", "settings", "--as-group=dev", "--as-group", "ops,night", "--cluster", "two", "--user=v", "--request-timeout=30")

	assert.Empty(t, stderr)
	for _, want := range []string{`kubeconfig.as +"jane"`, `kubeconfig.as-group +"dev\\nops,night\\n"`, `kubeconfig.use-cluster +"two"`, `kubeconfig.use-user +"v"`, `kubernetes.request-timeout +"30"`} {
		assert.Regexp(t, `(?m)^`+want, stdout)
	}
	code, _, stderr := line(t, "images", "--request-timeout", "soon")
	assert.Equal(t, collector.BadSettings, code)
	assert.Contains(t, stderr, "kubernetes.request-timeout")
}

// TestEmptyNamesAreRefused: "$NAME" of a variable that is not set.
func TestEmptyNamesAreRefused(t *testing.T) {
	for _, args := range [][]string{{"images", "-n", ""}, {"images", "-n", "a", "-n", " "}, {"--as-group", "", "images"}, {"images", "--as", "me", "--as-group", ""}, {"diff", "-n", "", "a.json", "b.json"}} {
		code, _, stderr := line(t, args...)
		assert.Equal(t, collector.BadSettings, code, args)
		assert.Contains(t, stderr, "has an empty name: give one", args)
	}
}
