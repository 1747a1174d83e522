//go:build unix

package file_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"stocktake/collector/file"
)

func TestReplaceRemovesDraftsThatNobodyHolds(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "out.json")
	for _, name := range []string{".stocktake-1.tmp", ".stocktake-2855.tmp", ".stocktake-held.tmp", "stocktake-1.tmp", ".other-1.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("{"), 0o600))
	}
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(folder, ".stocktake-link.tmp")))
	held, err := os.Open(filepath.Join(folder, ".stocktake-held.tmp"))
	require.NoError(t, err)
	defer held.Close() //nolint:errcheck // of a test
	require.NoError(t, unix.Flock(int(held.Fd()), unix.LOCK_EX))

	_, err = file.Replace(t.Context(), path, io.MultiReader(strings.NewReader("{"), broken{}), 0o600)
	require.ErrorIs(t, err, errBroken)
	assert.Len(t, names(t, folder), 6, "a run that failed leaves all as it was")
	for range 2 { // a new file, and one that is replaced
		n, err := file.Replace(t.Context(), path, strings.NewReader("{}"), 0o640)
		require.NoError(t, err)
		assert.EqualValues(t, 2, n)
		assert.Equal(t, []string{".other-1.tmp", ".stocktake-held.tmp", ".stocktake-link.tmp", "out.json", "stocktake-1.tmp"}, names(t, folder))
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode())
}

func TestReplaceTouchesNothingButFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	target, link, pipe := filepath.Join(folder, "target"), filepath.Join(folder, "link"), filepath.Join(folder, "pipe")
	require.NoError(t, os.WriteFile(target, []byte("theirs"), 0o600))
	require.NoError(t, os.Symlink(target, link))
	require.NoError(t, unix.Mkfifo(pipe, 0o600))
	for _, path := range []string{link, pipe, folder} {
		_, err := file.Replace(t.Context(), path, strings.NewReader("ours"), 0o600)
		require.ErrorIs(t, err, file.ErrOccupied, path)
		require.ErrorIs(t, file.Put(path, []byte("ours"), 0o600), file.ErrOccupied, path)
		require.ErrorIs(t, file.Probe(path), file.ErrOccupied, path)
	}
	text, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(text))
	require.NoError(t, file.Probe(filepath.Join(folder, "new")))
	assert.Len(t, names(t, folder), 3)
}
