package payload

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// spool stores compressed segments: in memory up to a limit, and from there on
// in a temporary file. The file loses its name as soon as it exists, so that
// nothing stays behind however the process ends.
//
// put and free are for one goroutine at a time. What was put can be read by any
// number of goroutines at once.
type spool struct {
	dir   string // of the temporary file; empty for the default of the system
	limit int64  // bytes to hold in memory
	held  int64  // bytes held in memory
	file  *os.File
	end   int64    // of what was written to the file
	holes []extent // before the end, by offset; no two touch
}

// extent is where one segment lies: in memory, or else in the file.
type extent struct {
	memory []byte
	offset int64
	length int64
}

// put stores a copy of data.
func (s *spool) put(data []byte) (extent, error) {
	length := int64(len(data))
	if s.held+length <= s.limit {
		s.held += length
		return extent{memory: bytes.Clone(data), length: length}, nil
	}
	stored := s.room(length)
	if err := s.write(data, stored.offset); err != nil {
		return extent{}, fmt.Errorf("spool %d bytes to a temporary file in %s: %w: give spool.dir a writable folder with more room, or raise spool.memory",
			length, s.folder(), err)
	}
	return stored, nil
}

// room takes the first hole that is large enough, or else lengthens the file.
func (s *spool) room(length int64) extent {
	found := extent{offset: s.end, length: length}
	i := slices.IndexFunc(s.holes, func(hole extent) bool { return hole.length >= length })
	if i < 0 {
		s.end += length
		return found
	}
	hole := &s.holes[i]
	found.offset = hole.offset
	hole.offset, hole.length = hole.offset+length, hole.length-length
	if hole.length == 0 {
		s.holes = slices.Delete(s.holes, i, i+1)
	}
	return found
}

func (s *spool) write(data []byte, offset int64) error {
	if s.file == nil {
		file, err := openNameless(s.dir)
		if err != nil {
			return err
		}
		s.file = file
	}
	_, err := s.file.WriteAt(data, offset)
	return err
}

// openNameless returns a new file that only its owner may read (os.CreateTemp
// creates with 0600) and that no folder lists any more.
func openNameless(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "stocktake-*.spool")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func (s *spool) folder() string {
	if s.dir == "" {
		return os.TempDir()
	}
	return s.dir
}

// free gives up the room of an extent, which must not be read any more.
func (s *spool) free(e extent) {
	if e.memory != nil {
		s.held -= e.length
		return
	}
	i, _ := slices.BinarySearchFunc(s.holes, e, func(a, b extent) int { return cmp.Compare(a.offset, b.offset) })
	s.holes = slices.Insert(s.holes, i, e)
	if i+1 < len(s.holes) {
		s.joinHoles(i)
	}
	if i > 0 {
		s.joinHoles(i - 1)
	}
	if last := len(s.holes) - 1; s.holes[last].offset+s.holes[last].length == s.end {
		s.end = s.holes[last].offset
		s.holes = s.holes[:last]
	}
}

// joinHoles makes one of two that touch: hole i and the next.
func (s *spool) joinHoles(i int) {
	if hole := &s.holes[i]; hole.offset+hole.length == s.holes[i+1].offset {
		hole.length += s.holes[i+1].length
		s.holes = slices.Delete(s.holes, i+1, i+2)
	}
}

// open returns a reader of one extent.
func (s *spool) open(e extent) io.Reader {
	if e.memory != nil {
		return bytes.NewReader(e.memory)
	}
	return io.NewSectionReader(s.file, e.offset, e.length)
}

// close gives the file back to the system. Readers of extents in it fail from
// then on. An error would concern a file that nobody can read any more.
func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
