//go:build !linux

package transport

func socketState(int) (state, bool) { return state{}, false }
