//go:build linux || darwin

package doctor

import (
	"syscall"
)

// freeSpace is how many bytes a folder has room for.
func freeSpace(folder string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:gosec,unconvert // the types differ between systems, and no disk has 2^63 bytes
}
