//go:build !linux

package transport

func socketState(int) (unsent int, phase uint8, ok bool) { return 0, 0, false }
