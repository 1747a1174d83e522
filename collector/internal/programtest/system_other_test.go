//go:build !linux

package programtest_test

import (
	"errors"
	"os"
)

// mountSmall needs Linux.
func mountSmall(string) (unmount func() error, err error) { return nil, errors.ErrUnsupported }

// smallPipe needs Linux.
func smallPipe(*os.File) (int, error) { return 0, errors.ErrUnsupported }

// writing needs Linux.
func writing(int) bool { return true }
