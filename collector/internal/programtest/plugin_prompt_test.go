package programtest_test

import (
	"cmp"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/internal/programs"
)

const signIn = "To sign in, open https://login.example.com/device and enter the code ABC-123"

// prompting is a kubeconfig whose plugin asks a person to open a page, and prints
// its token when the mark is there, which says that the person did.
func prompting(t *testing.T, mark string) string {
	t.Helper()
	server := guard(t, smallCluster(t), newToken)
	script := filepath.Join(t.TempDir(), "plugin.sh")
	text := "#!/bin/sh\necho '" + signIn + "' >&2\nuntil [ -e " + mark + " ]; do sleep 0.05; done\n[ -s " + mark + " ] && exit 1\n" + printing(newToken) + "\n"
	require.NoError(t, programs.WriteScript(script, text))
	return server.kubeconfig(t, &clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: script, InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode,
	}})
}

// TestPromptOfAPluginIsShownWhileItWaits is a loop of a shell at a terminal:
// while read c; do stocktake images --context $c; done < contexts.txt
func TestPromptOfAPluginIsShownWhileItWaits(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "mark")
	kubeconfig := prompting(t, mark)
	contexts := filepath.Join(folderOf(t, map[string]string{"contexts.txt": "x\ny\n"}), "contexts.txt")
	stdin, err := os.Open(contexts)
	require.NoError(t, err)
	defer stdin.Close() //nolint:errcheck // only read
	path, err := program()
	require.NoError(t, err)
	screen, stderr, err := pty.Open()
	require.NoError(t, err)
	stdout, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	require.NoError(t, err)
	defer stdout.Close() //nolint:errcheck // the program writes it
	printed := func() string {
		text, err := os.ReadFile(stdout.Name())
		require.NoError(t, err)
		return string(text)
	}
	cmd := exec.CommandContext(t.Context(), path, "images", "--kubeconfig", kubeconfig)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = t.TempDir(), stdin, stdout, stderr
	cmd.Env = []string{"HOME=" + cmd.Dir, "TERM=xterm", "PATH=" + os.Getenv("PATH")}
	require.NoError(t, cmd.Start())
	require.NoError(t, stderr.Close())
	overdue := time.AfterFunc(soon, func() { _ = cmd.Process.Kill() }) // what is never shown fails
	defer overdue.Stop()

	shown := readUntil(t, screen, signIn)
	assert.Contains(t, shown, signIn, "while the plugin waits")
	assert.Empty(t, printed())
	require.NoError(t, os.WriteFile(mark, nil, 0o600))
	rest, err := io.ReadAll(screen)
	if !errors.Is(err, syscall.EIO) { // what Linux says when the other side is gone
		require.NoError(t, err)
	}
	require.NoError(t, cmd.Wait(), "%s", rest)
	assert.Contains(t, printed(), "nginx")
	assert.Equal(t, 1, strings.Count(shown+string(rest), "ABC-123"), "once")
	left, err := io.ReadAll(stdin)
	require.NoError(t, err)
	assert.Equal(t, "x\ny\n", string(left), "standard input is the shell's")
}

// readUntil reads what is shown until words are there, or nothing more comes.
func readUntil(t *testing.T, screen io.Reader, words string) string {
	t.Helper()
	var shown strings.Builder
	piece := make([]byte, 1024)
	for !strings.Contains(shown.String(), words) {
		n, err := screen.Read(piece)
		shown.Write(piece[:n])
		if err != nil {
			break
		}
	}
	return shown.String()
}

// TestPromptOfAPluginIsQuotedOnceInAPipeWhenItFails is a pod, or CI.
func TestPromptOfAPluginIsQuotedOnceInAPipeWhenItFails(t *testing.T) {
	t.Parallel()
	for content, code := range map[string]int{"": 0, "nobody came": 3} {
		mark := filepath.Join(folderOf(t, map[string]string{"mark": content}), "mark")
		kubeconfig := prompting(t, mark)
		got := run(t, call{args: []string{"images", "--kubeconfig", kubeconfig}, env: []string{"PATH=" + os.Getenv("PATH")}})
		assert.Equal(t, code, got.code, got.stderr)
		assert.Equal(t, cmp.Compare(code, 0), strings.Count(got.stderr, signIn), got.stderr)
	}
}
