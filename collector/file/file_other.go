//go:build !linux

package file

import (
	"errors"
	"os"
)

const noFollow = 0

func openNameless(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func link(*os.File, string) error { return errors.ErrUnsupported }

func hold(*os.File) bool { return true }

// isLeft does not know here, and a draft that is being written must stay.
func isLeft(*os.File) bool { return false }
