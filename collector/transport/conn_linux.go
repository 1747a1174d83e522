package transport

import "golang.org/x/sys/unix"

// socketState is how many bytes are not acknowledged, and the state of the connection.
func socketState(fd int) (unsent int, phase uint8, ok bool) {
	unsent, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ)
	if err != nil {
		return 0, 0, false
	}
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return 0, 0, false
	}
	return unsent, info.State, true
}
