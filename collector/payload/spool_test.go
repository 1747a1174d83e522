package payload

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

// What is given up makes room, whatever came before and after it.
func TestSpoolReusesTheRoomOfWhatIsFreed(t *testing.T) {
	t.Parallel()
	s := &spool{dir: t.TempDir(), limit: 2}
	t.Cleanup(s.close)
	put := func(text string) extent {
		e, err := s.put([]byte(text))
		require.NoError(t, err)
		return e
	}
	inMemory := put("ab")
	a, b, c, d := put("aaa"), put("bbb"), put("cc"), put("d")
	s.free(b)
	assert.EqualValues(t, 9, s.end)
	small := put("x")
	assert.Equal(t, b.offset, small.offset, "the first part of the hole")
	s.free(c)
	assert.Equal(t, []extent{{offset: 4, length: 4}}, s.holes, "what is left of a hole, with the next")
	large := put("yyyyy")
	assert.EqualValues(t, 9, large.offset, "no hole is large enough")
	s.free(large)
	s.free(d)
	assert.EqualValues(t, 4, s.end, "the end moves back over holes")
	assert.Empty(t, s.holes)
	s.free(a)
	s.free(small)
	assert.EqualValues(t, 0, s.end)
	s.free(inMemory)
	assert.NotNil(t, put("ef").memory)
}

// Whatever is freed and in which order, no two extents share a byte, and no room is lost.
func FuzzSpool(f *testing.F) {
	f.Add([]byte{3, 3, 0x80, 2, 0x81, 9})
	f.Add([]byte{1, 2, 3, 4, 5, 0x84, 0x82, 0x80, 0x81, 15})
	f.Fuzz(func(t *testing.T, steps []byte) {
		s := &spool{dir: t.TempDir(), limit: 8}
		t.Cleanup(s.close)
		type stored struct {
			extent

			text []byte
		}
		var all []stored
		for i, step := range steps {
			if step&0x80 == 0 {
				text := bytes.Repeat([]byte{byte(i)}, int(step)+1)
				e, err := s.put(text)
				require.NoError(t, err)
				all = append(all, stored{e, text})
			} else if len(all) > 0 {
				n := int(step&0x7f) % len(all)
				s.free(all[n].extent)
				all = slices.Delete(all, n, n+1)
			}
		}
		var held, inFile, holes int64
		for _, one := range all {
			got, err := io.ReadAll(s.open(one.extent))
			require.NoError(t, err)
			require.Equal(t, one.text, got)
			if one.memory != nil {
				held += one.length
			} else {
				inFile += one.length
			}
		}
		for _, hole := range s.holes {
			holes += hole.length
		}
		require.Equal(t, held, s.held)
		require.Equal(t, inFile+holes, s.end)
	})
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
