package programtest_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onTerminal runs the program on a pseudo-terminal of some columns and returns
// what it shows, and apart from that what it writes to stderr.
func onTerminal(t *testing.T, columns uint16, env []string, args ...string) (shown, stderr string) {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	screen, stdout, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(screen, &pty.Winsize{Rows: 40, Cols: columns}))
	cmd := exec.CommandContext(t.Context(), path, args...)
	var errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), stdout, &errs
	cmd.Env = append([]string{"HOME=" + cmd.Dir, "TERM=xterm-256color"}, env...)
	require.NoError(t, cmd.Start())
	require.NoError(t, stdout.Close())
	text, err := io.ReadAll(screen)
	if !errors.Is(err, syscall.EIO) { // what Linux says when the other side is gone
		require.NoError(t, err)
	}
	require.NoError(t, screen.Close())
	require.NoError(t, cmd.Wait(), errs.String())
	return strings.ReplaceAll(string(text), "\r\n", "\n"), errs.String()
}

func TestImagesOnATerminalFitIt(t *testing.T) {
	t.Parallel()
	saved := savedCases(t)
	for columns, titles := range map[uint16]string{
		40:  "IMAGE TAG PODS",
		50:  "IMAGE TAG PODS FLAGS",
		80:  "IMAGE TAG DIGEST PODS FLAGS NAMESPACES",
		200: "IMAGE TAG DIGEST PODS FLAGS PLATFORMS NAMESPACES",
	} {
		shown, stderr := onTerminal(t, columns, []string{"NO_COLOR=1"}, "images", "-f", saved)
		lines := strings.Split(shown, "\n")
		assert.Equal(t, titles, strings.Join(strings.Fields(lines[0]), " "))
		for _, line := range lines {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), int(columns), line)
		}
		assert.Regexp(t, `(?m)^\d+ images, \d+ pods, \d+ without digest$`, shown)
		assert.Empty(t, stderr)
	}
}

func TestImagesShowColoursOnlyWhereTheyAreWanted(t *testing.T) {
	t.Parallel()
	kubeconfig := smallCluster(t).Kubeconfig(t)
	saved := save(t, kubeconfig, "stocktake")
	programs := map[string]string{}
	for _, format := range []string{"json", "ndjson", "csv", "name"} {
		programs[format] = strings.ReplaceAll(imagesOf(t, nowhere(t), "-f", saved, "-o", format), "\r\n", "\n")
	}
	for _, c := range []struct {
		env      string
		coloured bool
	}{{"COLORTERM=truecolor", true}, {"NO_COLOR=1", false}, {"NO_COLOR=", true}, {"TERM=dumb", false}} {
		for _, format := range []string{"table", "wide"} {
			shown, _ := onTerminal(t, 120, []string{c.env}, "images", "-f", saved, "-o", format)
			assert.Equal(t, c.coloured, strings.Contains(shown, "\x1b["), "%s as %s", c.env, format)
		}
	}
	for format, text := range programs {
		shown, _ := onTerminal(t, 40, []string{"COLORTERM=truecolor"}, "images", "-f", saved, "-o", format)
		assert.NotContains(t, shown, "\x1b[", format)
		assert.Equal(t, text, strings.ReplaceAll(shown, "\r\n", "\n"), "%s is the same everywhere", format)
	}
}

func TestImagesTakeTheWidthFromCOLUMNS(t *testing.T) {
	t.Parallel()
	saved := save(t, smallCluster(t).Kubeconfig(t), "stocktake")
	shown, _ := onTerminal(t, 200, []string{"COLUMNS=40"}, "images", "-f", saved, "--no-headers")
	assert.NotContains(t, shown, "sha256")
	assert.NotContains(t, shown, "team-a", "the namespaces do not fit")
	shown, _ = onTerminal(t, 200, []string{"COLUMNS=nonsense"}, "images", "-f", saved)
	assert.Contains(t, shown, "team-a, team-b")
}

// TestPluginIsTheProgramUnderAnotherName calls it as kubectl does.
func TestPluginIsTheProgramUnderAnotherName(t *testing.T) {
	t.Parallel()
	path, err := program()
	require.NoError(t, err)
	plugin := filepath.Join(t.TempDir(), "kubectl-stocktake")
	require.NoError(t, os.Symlink(path, plugin))
	saved := save(t, smallCluster(t).Kubeconfig(t), "stocktake")

	help, err := exec.CommandContext(t.Context(), plugin, "images", "--help").Output()
	require.NoError(t, err)
	assert.Contains(t, string(help), "kubectl stocktake images -n shop")
	names, err := exec.CommandContext(t.Context(), plugin, "images", "-f", saved, "-o", "name").Output()
	require.NoError(t, err)
	assert.Contains(t, string(names), "docker.io/library/nginx:1.27@sha256:")
}
