// Package file writes files at once or not at all: who reads one sees the last content or the one before, never a part,
// and whoever kills the writer finds no half of a file under any name.
//
// The new content goes into a draft. Where the system and the file system can do that (Linux: O_TMPFILE), the draft has
// no name until it is whole, and is gone with its process. Elsewhere it has a name beside the file, because a rename works
// only within one file system, and is locked while it is written; a draft that nobody holds any more is removed by the
// next writer in that folder. Devices, pipes and links are never replaced or written to.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// drafts is the pattern of the names that drafts have for a moment, or for as long as they are written.
const drafts = ".stocktake-*.tmp"

// ErrOccupied says that something is in the place of a file that must not be replaced.
var ErrOccupied = errors.New("is there already and not a regular file")

// CheckPlace returns ErrOccupied for devices, pipes, links and folders.
func CheckPlace(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s %w (%s): name another", path, ErrOccupied, info.Mode())
	}
	return nil
}

// Probe finds out whether a file could be written.
func Probe(path string) error {
	if err := CheckPlace(path); err != nil {
		return err
	}
	d, err := newDraft(path)
	if err != nil {
		return err
	}
	return d.discard()
}

// Replace puts a content in place of a file, whole or not at all, and returns its length. It gives up when ctx ends.
func Replace(ctx context.Context, path string, content io.Reader, mode fs.FileMode) (int64, error) {
	if err := CheckPlace(path); err != nil {
		return 0, err
	}
	d, err := newDraft(path)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(d.File, untilEnd{ctx, content})
	if err = errors.Join(err, d.Chmod(mode)); err == nil {
		err = d.Sync()
	}
	if err == nil {
		err = d.publish(path)
	}
	if err != nil {
		return n, errors.Join(err, d.discard())
	}
	err = d.Close()
	sweep(filepath.Dir(path))
	syncFolder(path)
	return n, err
}

// Put is Replace for a file that may be mounted where it is, as Kubernetes does with the one for the termination message.
// Such a file cannot be replaced and is written in its place.
func Put(path string, content []byte, mode fs.FileMode) error {
	if err := CheckPlace(path); err != nil {
		return err
	}
	if _, err := Replace(context.Background(), path, bytesReader(content), mode); err == nil {
		return nil
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|noFollow, mode)
	if err != nil {
		return err
	}
	_, err = out.Write(content)
	return errors.Join(err, out.Close())
}

// draft is a file on its way. It has no name, or its own.
type draft struct {
	*os.File
	name string // empty when it has none
}

// newDraft creates a draft in the folder of a file. Only its owner may read it.
func newDraft(path string) (*draft, error) {
	folder := filepath.Dir(path)
	if nameless, err := openNameless(folder); err == nil {
		return &draft{File: nameless}, nil
	}
	for {
		named, err := os.CreateTemp(folder, drafts)
		if err != nil {
			return nil, err
		}
		if hold(named) {
			return &draft{File: named, name: named.Name()}, nil
		}
		_ = named.Close() // another writer took it for one that was left, between the two calls
	}
}

// publish gives the draft the name of the file.
func (d *draft) publish(path string) error {
	if d.name == "" {
		if err := link(d.File, path); !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := d.linkBeside(path); err != nil {
			return err
		}
	}
	return os.Rename(d.name, path)
}

// linkBeside gives a draft a name, because only a rename replaces a file. Whoever kills the process between the two
// leaves a whole draft, which the next writer removes.
func (d *draft) linkBeside(path string) error {
	hold(d.File)
	for {
		name, err := freeName(filepath.Dir(path))
		if err != nil {
			return err
		}
		if err = link(d.File, name); errors.Is(err, fs.ErrExist) {
			continue
		}
		d.name = name
		return err
	}
}

// freeName is one that a draft can have. A process beside this one may sweep it away before
// this one removes it.
func freeName(folder string) (string, error) {
	named, err := os.CreateTemp(folder, drafts)
	if err != nil {
		return "", err
	}
	removed := os.Remove(named.Name())
	if errors.Is(removed, fs.ErrNotExist) {
		removed = nil
	}
	return named.Name(), errors.Join(named.Close(), removed)
}

// discard gives a draft up.
func (d *draft) discard() error {
	err := d.Close()
	if d.name != "" {
		err = errors.Join(err, os.Remove(d.name))
	}
	return err
}

// sweep removes the drafts of processes that were killed: those that nobody holds.
func sweep(folder string) {
	left, err := filepath.Glob(filepath.Join(escape(folder), drafts))
	if err != nil {
		return
	}
	for _, name := range left {
		if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if file, err := os.OpenFile(name, os.O_RDONLY|noFollow, 0); err == nil {
			if isLeft(file) {
				_ = os.Remove(name) // what cannot be removed stays; the file that was asked for is there
			}
			_ = file.Close()
		}
	}
}

// syncFolder makes the new name last through a power cut, where the file system can do that for folders.
func syncFolder(path string) {
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}
