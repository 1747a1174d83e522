package programtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// mountSmall mounts four kilobytes of memory at a folder, which root may.
func mountSmall(dir string) (unmount func() error, err error) {
	return func() error { return syscall.Unmount(dir, 0) }, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4k")
}

// smallPipe makes a pipe small, and returns its size in bytes.
func smallPipe(end *os.File) (int, error) { return unix.FcntlInt(end.Fd(), unix.F_SETPIPE_SZ, 4096) }

// writing says whether a process waits for somebody who reads a pipe.
func writing(pid int) bool {
	waits, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/wchan", pid))
	for _, wait := range waits {
		where, _ := os.ReadFile(wait) // of a thread that may be gone
		if strings.Contains(string(where), "pipe_write") {
			return true
		}
	}
	return err != nil
}
