package metrics

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/prometheus/common/expfmt"
)

// Write puts what the run has to say into a file, at once or not at all, and keeps
// what the file says of this cluster and the run does not. The file is in the
// OpenMetrics text format, and as it has gauges only, in the older text format too,
// which is what node_exporter reads (from files named *.prom). Everybody may read
// it: node_exporter runs as another user.
//
// A file that is no text of metrics is replaced like any other, and then the error
// says that what it said is lost.
func (r *Run) Write(path string) error {
	if err := checkPlace(path); err != nil {
		return err
	}
	kept, lost := r.kept(path)
	text, err := encode(append(r.inFile(), kept...), expfmt.NewFormat(expfmt.TypeOpenMetrics))
	if err != nil {
		return err
	}
	return errors.Join(replace(path, text), lost)
}

// checkPlace keeps devices and pipes from being read for ever, and links from being
// replaced by a file.
func checkPlace(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is there already and not a regular file (%s)", path, info.Mode())
	}
	return nil
}

// maxFile is how much of a file is read, in bytes; what Write writes is below 16 KiB.
const maxFile = 1 << 20

// read returns what is in a file, and nothing if there is none.
func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s has more than %d bytes", path, maxFile)
	}
	return text, err
}

// replace writes beside the file and renames, for a rename works only within one file
// system. Who reads the file sees the last text or the one before.
func replace(path string, text []byte) error {
	draft, err := os.CreateTemp(filepath.Dir(path), ".stocktake-*.tmp")
	if err != nil {
		return err
	}
	_, err = io.Copy(draft, bytes.NewReader(text))
	err = errors.Join(err, draft.Chmod(0o644), draft.Sync(), draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(draft.Name()))
	}
	return nil
}
