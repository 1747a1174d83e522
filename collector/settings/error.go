package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrInvalid marks an error that only a change of the settings can mend.
var ErrInvalid = errors.New("settings")

// Error is about one setting. It is an [ErrInvalid].
type Error struct {
	Name   string // of the setting
	text   string // what stands before the reason
	reason error
}

// Invalid returns an error about one setting. The format takes %w, and gives the value
// and the way out.
func Invalid(name, format string, args ...any) error {
	return &Error{name, ErrInvalid.Error() + ": " + name + ": ", fmt.Errorf(format, args...)}
}

// About is Invalid for a format that names the setting itself.
func About(name, format string, args ...any) error {
	return &Error{name, ErrInvalid.Error() + ": ", fmt.Errorf(format, args...)}
}

// Error names the setting, the value and the way out.
func (e *Error) Error() string { return e.text + e.reason.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.reason }

// Is reports that it is an ErrInvalid.
func (e *Error) Is(target error) bool { return target == ErrInvalid }

// OneOf checks the value of a flag that is no setting.
func OneOf(name, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return Invalid(name, "%q is not one of %s", value, strings.Join(allowed, ", "))
}
