package settings

import (
	"errors"
	"fmt"
)

// ErrInvalid marks an error that only a change of the settings can mend.
var ErrInvalid = errors.New("settings")

// Invalid returns an error about one setting. The format takes %w, and gives the value
// and the way out.
func Invalid(name, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %w", ErrInvalid, name, fmt.Errorf(format, args...))
}
