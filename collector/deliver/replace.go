package deliver

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// checkPlace keeps devices, pipes and links from being replaced by a file.
func checkPlace(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return invalid(filePath, "%w: name a file in a writable folder that exists", err)
	}
	if !info.Mode().IsRegular() {
		return invalid(filePath, "%s is there already and not a regular file (%s): name another", path, info.Mode())
	}
	return nil
}

// newDraft creates a file beside the one that it will become, for a rename works only within one file system. Only
// its owner may read it (os.CreateTemp creates with 0600).
func newDraft(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), ".stocktake-*.tmp")
}

// replace puts a content in place of a file, whole or not at all, and returns its length.
func replace(ctx context.Context, path string, content io.ReadCloser) (int64, error) {
	defer content.Close() //nolint:errcheck // nothing is written to it
	if err := checkPlace(path); err != nil {
		return 0, err
	}
	draft, err := newDraft(path)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(draft, untilEnd{ctx, content})
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		return n, errors.Join(err, os.Remove(draft.Name()))
	}
	syncFolder(path)
	return n, nil
}

// syncFolder makes the new name last through a power cut, where the file system can do that for folders.
func syncFolder(path string) {
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// untilEnd reads until a context ends.
type untilEnd struct {
	ctx context.Context //nolint:containedctx // a reader has no other way to hear of it
	io.Reader
}

// Read implements io.Reader.
func (r untilEnd) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
