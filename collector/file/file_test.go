package file_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/file"
)

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	all := make([]string, 0, len(entries))
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// killed marks the process that is killed while it writes.
const killed = "FILE_TEST_PATH"

// TestReplaceThatIsKilledLeavesNothing kills a process that has written half of a
// new file and a half of one that was there.
func TestReplaceThatIsKilledLeavesNothing(t *testing.T) {
	if path := os.Getenv(killed); path != "" {
		endless := io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), &teller{})
		_, _ = file.Replace(t.Context(), path, endless, 0o600)
		return
	}
	t.Parallel()
	for _, before := range []string{"", "the one before"} {
		folder := filepath.Join(t.TempDir(), "a [b*]")
		require.NoError(t, os.Mkdir(folder, 0o700))
		path := filepath.Join(folder, "out.json")
		if before != "" {
			require.NoError(t, os.WriteFile(path, []byte(before), 0o600))
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReplaceThatIsKilledLeavesNothing$")
		cmd.Env = append(os.Environ(), killed+"="+path)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed

		if before == "" {
			assert.Empty(t, names(t, folder))
			continue
		}
		assert.Equal(t, []string{"out.json"}, names(t, folder))
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, string(text))
	}
}

// teller says on stdout that it is read, and then has nothing for ever.
type teller struct{ told bool }

func (r *teller) Read([]byte) (int, error) {
	if !r.told {
		r.told = true
		_, _ = os.Stdout.WriteString("half\n")
		return 0, nil
	}
	select {}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

// TestPutWritesWhatCannotBeReplaced has a folder in which nothing can be made, as
// that of a termination message.
func TestPutWritesWhatCannotBeReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "message")
	require.NoError(t, os.WriteFile(path, []byte("longer than what follows"), 0o600))
	require.NoError(t, file.Put(path, []byte("short"), 0o600))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "short", string(text))
	require.Error(t, file.Put("/proc/self/nothing", []byte("x"), 0o600))
	_, err = os.Stat("/proc/self/oom_score_adj")
	require.NoError(t, err)
	require.NoError(t, file.Put("/proc/self/oom_score_adj", []byte("500"), 0o600), "it is there, and cannot be replaced")
}
