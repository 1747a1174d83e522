package programtest_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
)

// terminal runs the program with stderr on a terminal of 80 columns and stdout in
// a file, and returns what arrived on both.
func terminal(t *testing.T, c call) (screen, stdout string, code int) {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	master, slave, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}))
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "stdout"))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), path, c.args...)
	cmd.Dir, cmd.Stderr, cmd.Stdout = dir, slave, file
	cmd.Env = append([]string{"HOME=" + dir, "TERM=xterm"}, c.env...)
	require.NoError(t, cmd.Start())
	require.NoError(t, slave.Close())
	arrived, err := io.ReadAll(master)
	if !errors.Is(err, syscall.EIO) { // what Linux says when the last writer is gone
		require.NoError(t, err)
	}
	require.NoError(t, master.Close())
	if err := cmd.Wait(); err != nil {
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
	}
	require.NoError(t, file.Close())
	printed, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(arrived), string(printed), cmd.ProcessState.ExitCode()
}

// unhurried is a cluster whose pages take a while, so that there is something to
// see, and one of them is refused at first, so that there is something to log.
func unhurried(t *testing.T) (kubeconfig string) {
	t.Helper()
	proxy := faultproxy.New(t, matrixCluster(t).Config())
	proxy.Match = func(r *http.Request) bool { return r.URL.Query().Get("continue") != "" }
	proxy.Script(slow, slow, faultproxy.Answer(http.StatusInternalServerError, "text/plain", "not now"))
	for range 100 {
		proxy.Script(slow)
	}
	return faultproxy.WriteKubeconfig(t, proxy.Serve(t))
}

func slow(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(200 * time.Millisecond)
		next.ServeHTTP(w, r)
	})
}

var (
	barOfSome = regexp.MustCompile(`\d+ of about 300 pods, \d pages?, \d\.\d MB +\d+% \[[=> ]{10}\] \(\d+ pods/s\)`)
	beneath   = regexp.MustCompile(`\r(?:[^\r\n\x1b]*)\x1b\[K`) // a line that comes and goes
)

func TestProgressIsShownOnATerminal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		bar  *regexp.Regexp
	}{
		"of a run":               {[]string{"-dry-run", "prod"}, barOfSome},
		"of a view":              {[]string{"images", "-o", "name"}, barOfSome},
		"of pods by label":       {[]string{"images", "-o", "name", "-l", "nobody!=home"}, regexp.MustCompile(`[-|/\\] \d+ pods, \d pages?, \d\.\d MB \(\d+ pods/s\)`)},
		"of namespaces in a row": {[]string{"images", "-o", "name", "-n", "team-000,team-001", "-set", "kubernetes.request-batch-size=15"}, regexp.MustCompile(`\d+ pods, namespace \d of 2, \d pages?, `)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			screen, stdout, code := terminal(t, call{args: append([]string{"-external", unhurried(t), "-set", "kubernetes.request-batch-size=25"}, test.args...)})
			assert.Zero(t, code, screen)
			assert.Regexp(t, test.bar, screen)
			assert.Contains(t, screen, "asking again")
			assert.NotContains(t, screen, `"level":`, "the log of a terminal is for people")
			assert.NotContains(t, stdout, "\x1b", "nothing of it is printed")
			for line := range strings.SplitSeq(beneath.ReplaceAllString(screen, ""), "\n") {
				assert.NotContains(t, line, "pods/s", "lines of the log stand alone, and nothing of the bar stays")
			}
		})
	}
}

func TestProgressIsSilentWhereNobodyWantsIt(t *testing.T) {
	t.Parallel()
	kubeconfig := unhurried(t)
	usual := []string{"images", "-o", "name", "-external", kubeconfig, "-set", "kubernetes.request-batch-size=25"}
	tests := map[string]call{
		"quiet":           {args: append(usual, "-quiet")},
		"debug":           {args: append(usual, "-debug")},
		"NO_PROGRESS":     {args: usual, env: []string{"NO_PROGRESS=1"}},
		"a dumb terminal": {args: usual, env: []string{"TERM=dumb"}},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			screen, _, code := terminal(t, c)
			assert.Zero(t, code, screen)
			assert.NotContains(t, screen, "pods/s")
			assert.NotContains(t, screen, "asking the API server")
		})
	}
	t.Run("no terminal", func(t *testing.T) {
		got := run(t, call{args: usual})
		assert.Zero(t, got.code, got.stderr)
		assert.NotContains(t, got.stderr, "\r")
	})
}
