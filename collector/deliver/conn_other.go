//go:build !linux

package deliver

func socketState(int) (state, bool) { return state{}, false }
