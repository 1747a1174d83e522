package payload

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

func TestSpoolUsesMemoryFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := &spool{dir: dir, limit: 10}
	t.Cleanup(s.close)
	inMemory, err := s.put([]byte("0123456789"))
	require.NoError(t, err)
	assert.Nil(t, s.file)
	inFile, err := s.put([]byte("abc"))
	require.NoError(t, err)
	require.NotNil(t, s.file)
	second, err := s.put([]byte("defg"))
	require.NoError(t, err)

	for want, e := range map[string]extent{"0123456789": inMemory, "abc": inFile, "defg": second} {
		got, err := io.ReadAll(s.open(e))
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
}

func TestSpoolKeepsACopy(t *testing.T) {
	t.Parallel()
	s := &spool{limit: 10}
	data := []byte("abc")
	e, err := s.put(data)
	require.NoError(t, err)
	data[0] = 'X'
	got, err := io.ReadAll(s.open(e))
	require.NoError(t, err)
	assert.Equal(t, "abc", string(got))
}

func TestSpoolFileHasNoNameAndNoReaders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := &spool{dir: dir}
	t.Cleanup(s.close)
	_, err := s.put([]byte("abc"))
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	info, err := s.file.Stat()
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())
}

func TestSpoolReusesRoomAfterRollback(t *testing.T) {
	t.Parallel()
	s := &spool{dir: t.TempDir(), limit: 4}
	t.Cleanup(s.close)
	_, err := s.put([]byte("ab"))
	require.NoError(t, err)
	before := s.mark()
	for range 3 {
		_, err = s.put([]byte("cd"))
		require.NoError(t, err)
	}
	assert.Equal(t, mark{held: 4, end: 4}, s.mark())
	s.rollback(before)
	kept, err := s.put([]byte("ef"))
	require.NoError(t, err)
	assert.NotNil(t, kept.memory)
	assert.Equal(t, mark{held: 4, end: 0}, s.mark())
}

func TestSpoolNamesTheFolderWhenItIsFull(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	require.NoError(t, err, "this test writes to /dev/full: run it on Linux")
	s := &spool{dir: "/var/spool/example", file: full}
	t.Cleanup(s.close)
	_, err = s.put([]byte("abc"))
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, "spool 3 bytes to a temporary file in /var/spool/example: ")
	require.ErrorContains(t, err, "spool.dir")
	assert.ErrorContains(t, err, "spool.memory")
}

func TestRunFailsWhenTheSpoolFolderIsLost(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "lost")
	require.NoError(t, os.Mkdir(dir, 0o700))
	c := newCluster(2000, 1, 1)
	b := newBuilder(t, Anchore, c.head, Options{SpoolDir: dir})
	require.NoError(t, os.Remove(dir))
	var err error
	for pod := range c.Pods() {
		if err = b.Pod(pod); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, dir)
}

func TestDamagedSpoolIsAnErrorOfThePlainBody(t *testing.T) {
	t.Parallel()
	body := newCluster(2000, 1, 1).build(t, Anchore, Options{SpoolDir: t.TempDir()})[0]
	_, err := body.spool.file.WriteAt(bytes.Repeat([]byte{0x55}, 100), body.spool.end/2)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, body.Plain())
	assert.Error(t, err)
}

func TestDiscardedBodiesCannotBeRead(t *testing.T) {
	t.Parallel()
	c := newCluster(2000, 1, 1)
	b := newBuilder(t, Anchore, c.head, Options{SpoolDir: t.TempDir()})
	require.NoError(t, clustertest.Visit(b, c.Pods()))
	bodies, err := b.Close(inventory.Outcome{Complete: true})
	require.NoError(t, err)
	b.Discard()
	b.Discard()
	_, err = io.Copy(io.Discard, bodies[0].Gzip())
	assert.ErrorIs(t, err, fs.ErrClosed)
}
