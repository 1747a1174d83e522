package payload

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spool stores compressed segments: in memory up to a limit, and from there on
// in a temporary file. The file loses its name as soon as it exists, so that
// nothing stays behind however the process ends.
//
// put, mark and rollback are for one goroutine. What was put can be read by any
// number of goroutines at once.
type spool struct {
	dir   string // of the temporary file; empty for the default of the system
	limit int64  // bytes to hold in memory
	held  int64  // bytes held in memory
	file  *os.File
	end   int64 // of what was written to the file
}

// extent is where one segment lies: in memory, or else in the file.
type extent struct {
	memory []byte
	offset int64
	length int64
}

// mark is a state of the spool to which it can be rolled back.
type mark struct{ held, end int64 }

// put stores a copy of data.
func (s *spool) put(data []byte) (extent, error) {
	length := int64(len(data))
	if s.held+length <= s.limit {
		s.held += length
		return extent{memory: bytes.Clone(data), length: length}, nil
	}
	if err := s.write(data); err != nil {
		return extent{}, fmt.Errorf("spool %d bytes to a temporary file in %s: %w: give spool.dir a writable folder with more room, or raise spool.memory",
			length, s.folder(), err)
	}
	stored := extent{offset: s.end, length: length}
	s.end += length
	return stored, nil
}

func (s *spool) write(data []byte) error {
	if s.file == nil {
		file, err := openNameless(s.dir)
		if err != nil {
			return err
		}
		s.file = file
	}
	_, err := s.file.WriteAt(data, s.end)
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

// mark returns the present state.
func (s *spool) mark() mark {
	return mark{held: s.held, end: s.end}
}

// rollback gives up the room of all that was put since the mark. The extents of
// it must not be read any more.
func (s *spool) rollback(m mark) {
	s.held, s.end = m.held, m.end
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
