//go:build !linux

package doctor

// sharedFilesystem is not known here.
func sharedFilesystem(string) (name string, shared bool) { return "", false }
