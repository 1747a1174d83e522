//go:build linux

package nodetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// cgroups returns the folders that containerd makes for pods, in version 2 of
// cgroups and in each hierarchy of version 1.
func cgroups() []string {
	unified, _ := filepath.Glob("/sys/fs/cgroup/k8s.io") // the patterns are well-formed
	others, _ := filepath.Glob("/sys/fs/cgroup/*/k8s.io")
	return append(unified, others...)
}

// sweepCgroups removes the folders that a node left behind which was killed, and
// returns those that have processes: a containerd of the machine's own.
func sweepCgroups() []string {
	var used []string
	for _, root := range cgroups() {
		if removeTree(root) != nil {
			used = append(used, root)
		}
	}
	return used
}

// removeCgroups removes all folders but these.
func removeCgroups(except []string) error {
	var failed error
	for _, root := range cgroups() {
		if !slices.Contains(except, root) {
			failed = errors.Join(failed, removeCgroup(root))
		}
	}
	return failed
}

// removeCgroup tries for a second: a cgroup is busy for a moment after its last
// process has ended.
func removeCgroup(root string) error {
	var err error
	for range 20 {
		if err = removeTree(root); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("remove cgroup: %w", err)
}

// removeTree removes a folder of folders, the deepest first. The files in a cgroup
// are the kernel's, which removes none that has a process.
func removeTree(root string) error {
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, folder := range slices.Backward(folders) {
		if err := syscall.Rmdir(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &os.PathError{Op: "rmdir", Path: folder, Err: err}
		}
	}
	return nil
}
