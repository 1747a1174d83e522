package file

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

const noFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK

// openNameless opens a file in a folder that the folder does not list; an error where the file system has no such thing.
func openNameless(folder string) (*os.File, error) {
	fd, err := unix.Open(folder, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), folder+"/(draft)"), nil
}

// link gives a nameless file a name that nobody has: fs.ErrExist if somebody does. The way over /proc needs no capability
// (open(2), O_TMPFILE).
func link(file *os.File, name string) error {
	fd := "/proc/self/fd/" + strconv.Itoa(int(file.Fd()))
	err := unix.Linkat(unix.AT_FDCWD, fd, unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
	if err != nil {
		return &os.LinkError{Op: "link", Old: fd, New: name, Err: err}
	}
	return nil
}

// hold locks a draft for as long as it is open, and returns false if it was removed before.
func hold(file *os.File) bool {
	_ = unix.Flock(int(file.Fd()), unix.LOCK_EX)
	info, err := file.Stat()
	if err != nil {
		return true
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || stat.Nlink > 0
}

// isLeft says whether nobody holds a draft.
func isLeft(file *os.File) bool {
	return unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
}
