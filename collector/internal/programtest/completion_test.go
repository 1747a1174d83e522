package programtest_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/programs"
)

const prompt = "READY>"

// shells are how the shells are started that the tests type into. bash is on every
// machine that has make; make shell-test installs the others and names them in
// STOCKTAKE_SHELLS.
var shells = map[string]struct {
	args []string
	rc   string // a file that the shell reads first
	text string
}{
	"bash": {[]string{"--noprofile", "--rcfile", "rc", "-i"}, "rc", "PS1='" + prompt + "'\nsource <(stocktake completion bash)\n"},
	"zsh":  {[]string{"-i"}, ".zshrc", "autoload -Uz compinit && compinit -u\nPS1='" + prompt + "'\nsource <(stocktake completion zsh)\n"},
	"fish": {[]string{"-i", "-N", "-C", "source rc"}, "rc", "function fish_prompt; echo '" + prompt + "'; end\nfunction fish_greeting; end\nstocktake completion fish | source\n"},
}

// person types into a shell.
type person struct {
	t    *testing.T
	tty  *os.File
	note string // where the program that is started leaves its words

	mu     sync.Mutex
	screen strings.Builder
}

// sit starts a shell in which stocktake completes by the real program, and is
// otherwise one that notes the words it was started with.
func sit(t *testing.T, shell, kubeconfig string) *person {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	dir := t.TempDir()
	p := &person{t: t, note: filepath.Join(dir, "note")}
	script := "#!/bin/sh\ncase \"$1\" in __complete*|completion) exec " + path + " \"$@\" ;; esac\nprintf '%s\\n' \"$@\" > note.part && mv note.part note\n"
	require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o755))
	require.NoError(t, programs.WriteScript(filepath.Join(dir, "bin", "stocktake"), script))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "inventory.json"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, shells[shell].rc), []byte(shells[shell].text), 0o644))
	cmd := exec.CommandContext(t.Context(), shell, shells[shell].args...)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "TERM=xterm", "LANG=C.UTF-8", "KUBECONFIG=" + kubeconfig, "PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH")}
	p.tty, err = pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 150})
	require.NoError(t, err)
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(p, p.tty) // ends with the shell
	}()
	t.Cleanup(func() {
		assert.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
		assert.NoError(t, p.tty.Close())
		<-read
	})
	return p
}

// Write takes what the shell shows.
func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen.Write(b)
}

func (p *person) shown() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen.String()
}

// types waits for the prompt, types the line and returns the words that the
// program was started with.
func (p *person) types(line string) []string {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return strings.Contains(p.shown(), prompt) }, 30*time.Second, 5*time.Millisecond, "no prompt")
	p.mu.Lock()
	p.screen.Reset()
	p.mu.Unlock()
	_, err := io.WriteString(p.tty, line+"\r")
	require.NoError(p.t, err)
	var words []byte
	require.Eventually(p.t, func() bool {
		words, err = os.ReadFile(p.note)
		return err == nil
	}, 30*time.Second, 5*time.Millisecond, "the line did not start the program")
	require.NoError(p.t, os.Remove(p.note))
	return strings.Split(strings.TrimSuffix(string(words), "\n"), "\n")
}

// contexts writes a kubeconfig with names as they are given in the wild.
func contexts(t *testing.T, kubeconfig string) string {
	t.Helper()
	text, err := os.ReadFile(kubeconfig)
	require.NoError(t, err)
	more := strings.Replace(string(text), "contexts:\n", "contexts:\n- context: {cluster: elsewhere, user: nobody}\n  name: arn:aws:eks:eu-central-1:123456789012:cluster/prod\n", 1)
	require.NotEqual(t, string(text), more)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(path, []byte(more), 0o600))
	return path
}

// TestShellsCompleteWhatIsTyped types into real shells. \t is the key.
func TestShellsCompleteWhatIsTyped(t *testing.T) {
	t.Parallel()
	kubeconfig := contexts(t, smallCluster(t).Kubeconfig(t))
	named := os.Getenv("STOCKTAKE_SHELLS")
	if named == "" {
		named = "bash"
	}
	for shell := range strings.FieldsSeq(named) {
		t.Run(shell, func(t *testing.T) {
			p := sit(t, shell, kubeconfig)
			for _, c := range []struct {
				typed string
				words []string
			}{
				{"stocktake ima\t", []string{"images"}},
				{"stocktake images --no-di\t", []string{"images", "--no-digest"}},
				{"stocktake images -no-di\t", []string{"images", "-no-digest"}},
				{"stocktake images --by work\t-o js\t", []string{"images", "--by", "workload", "-o", "json"}},
				{"stocktake images --by=work\t", []string{"images", "--by=workload"}},
				{"stocktake --context arn:aws:e\timages", []string{"--context", "arn:aws:eks:eu-central-1:123456789012:cluster/prod", "images"}},
				{"stocktake --context=arn:a\t", []string{"--context=arn:aws:eks:eu-central-1:123456789012:cluster/prod"}},
				{"stocktake images -n team-a\t-n unu\t", []string{"images", "-n", "team-a", "-n", "unused"}},
				{"stocktake images --namespace=unu\t", []string{"images", "--namespace=unused"}},
				{"stocktake -set cluster-i\tprod", []string{"-set", "cluster-id=prod"}},
				{"stocktake --set allow-em\tt\t", []string{"--set", "allow-empty=true"}},
				{"stocktake send inv\t", []string{"send", "inventory.json"}},
				{"stocktake images --file=inv\t", []string{"images", "--file=inventory.json"}},
				{"stocktake images -f inv\t", []string{"images", "-f", "inventory.json"}},
				{"stocktake images inv\t", []string{"images", "inv"}}, // nothing fits, not even a file
			} {
				assert.Equal(t, c.words, p.types(c.typed), c.typed)
			}
		})
	}
}

// candidates are what the program offers a shell for the last word.
func candidates(t *testing.T, env []string, words ...string) (all []string, how string) {
	t.Helper()
	got := run(t, call{args: append([]string{"__complete"}, words...), env: env})
	assert.Zero(t, got.code)
	assert.Empty(t, got.stderr, "nothing else may appear where somebody types")
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		all = append(all, word)
	}
	return all, lines[len(lines)-1]
}

func TestCompletionAsksTheClusterOfTheLine(t *testing.T) {
	t.Parallel()
	kubeconfig := smallCluster(t).Kubeconfig(t)
	for _, words := range []string{
		"-external PATH images -n team", "images --kubeconfig=PATH -n team", "images -set kubeconfig.path=PATH --namespace team",
		"images --external PATH -n team-a -n team",
	} {
		all, how := candidates(t, nil, strings.Fields(strings.ReplaceAll(words, "PATH", kubeconfig))...)
		assert.Equal(t, []string{"team-a", "team-b"}, all, words)
		assert.Equal(t, ":4", how)
	}
	all, _ := candidates(t, []string{"KUBECONFIG=" + kubeconfig}, "images", "-set", "namespace-selectors.include=unu")
	assert.Equal(t, []string{"namespace-selectors.include=unused"}, all)
}

// TestCompletionDoesNotKeepAnybodyWaiting asks clusters that say nothing.
func TestCompletionDoesNotKeepAnybodyWaiting(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, silent.Close()) }()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	for name, server := range map[string]string{"silent": silent.Addr().String(), "gone": gone.Addr().String()} {
		began := time.Now()
		all, how := candidates(t, nil, "-external", kubeconfigOf(t, "http://"+server), "images", "-n", "")
		assert.Empty(t, all, name)
		assert.Equal(t, ":4", how, name)
		assert.Less(t, time.Since(began), 30*time.Second, "%s: well below the timeout of a request, also on a busy machine", name)
	}
	for name, file := range map[string]string{"no file": "/nowhere", "no kubeconfig": "/etc/passwd"} {
		all, _ := candidates(t, nil, "-external", file, "-context", "")
		assert.Empty(t, all, name)
	}
}

// TestKubectlFindsTheCompletionOfThePlugin runs the program that kubectl looks
// for, as kubectl runs it.
func TestKubectlFindsTheCompletionOfThePlugin(t *testing.T) {
	t.Parallel()
	path, err := program()
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(path, filepath.Join(dir, "kubectl-stocktake")))
	script := filepath.Join(dir, "kubectl_complete-stocktake")
	require.NoError(t, programs.WriteScript(script, run(t, call{args: []string{"completion", "kubectl"}}).stdout))
	cmd := exec.CommandContext(t.Context(), script, "images", "--by", "na")
	cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err)
	assert.Equal(t, "namespace\n:4\n", string(out), fmt.Sprint("as ", cmd.Args))
}
