package transport

import "golang.org/x/sys/unix"

// The states of a TCP connection that matter, of enum tcp_state in the kernel's net/tcp_states.h.
const (
	tcpClose     = 7
	tcpCloseWait = 8
)

func socketState(fd int) (state, bool) {
	unsent, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ)
	if err != nil {
		return state{}, false
	}
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return state{}, false
	}
	return state{unsent: int64(unsent), reset: info.State == tcpClose, ended: info.State == tcpCloseWait}, true
}
