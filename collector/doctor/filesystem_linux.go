package doctor

import "syscall"

// sharedFilesystem names the file system of a folder if several machines may mount it (statfs(2)).
func sharedFilesystem(folder string) (name string, shared bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return "", false
	}
	switch uint32(s.Type) { //nolint:gosec // the numbers have 32 bits
	case 0x6969:
		return "NFS", true
	case 0x517b, 0xfe534d42, 0xff534d42:
		return "SMB", true
	case 0x01021997:
		return "9P", true
	case 0x00c36400:
		return "Ceph", true
	}
	return "", false
}
