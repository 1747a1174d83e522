package history

import (
	"errors"
	"fmt"

	"stocktake/collector/settings"
)

// ErrUnavailable marks whatever keeps the history from being read or written, and may be
// over at the next try: it is away, in use, or does not fit this program.
var ErrUnavailable = errors.New("the history is not available")

// Why the history is not available, for those who decide by it. Each comes with
// ErrUnavailable, but for ErrTooNew where somebody only wants to read: that is a
// settings.ErrInvalid, because no retry helps.
var (
	ErrMissing     = errors.New("there is none yet: the first run with this history.url makes it")
	ErrNotMigrated = errors.New("its schema is older than this program")
	ErrTooNew      = errors.New("its schema is newer than this program: use one that is as new as those that write it")
)

// unavailable says what could not be done. What the settings are to blame for stays so.
func unavailable(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnavailable), errors.Is(err, settings.ErrInvalid):
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, what, err)
}
