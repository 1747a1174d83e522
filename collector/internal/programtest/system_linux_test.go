package programtest_test

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// mountSmall mounts four kilobytes of memory at a folder, which root may.
func mountSmall(dir string) (unmount func() error, err error) {
	return func() error { return syscall.Unmount(dir, 0) }, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4k")
}

// smallPipe makes a pipe small, and returns its size in bytes.
func smallPipe(end *os.File) (int, error) { return unix.FcntlInt(end.Fd(), unix.F_SETPIPE_SZ, 4096) }
