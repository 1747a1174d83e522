package deliver

import (
	"errors"
	"fmt"

	"stocktake/collector/transport"
)

var (
	// ErrRefused marks the answer of a receiver that does not want the body, or not from us. Trying again does not help.
	ErrRefused = errors.New("refused by the receiver")
	// ErrUnavailable marks a receiver that could not be reached or could not answer. Trying later may help.
	ErrUnavailable = errors.New("receiver not available")
	// ErrAccountNotFound is the refusal of a receiver that works but does not know the account. It is an ErrRefused.
	ErrAccountNotFound = fmt.Errorf("%w: account not found", ErrRefused)
)

// marked is an error of a kind, in its own words.
type marked struct {
	error

	kind error
}

// Unwrap lets errors.Is and errors.As see both.
func (m marked) Unwrap() []error { return []error{m.kind, m.error} }

// failed is an exchange with a receiver that failed, nil for none: a run ends as its kind says.
func failed(e *transport.Error) error {
	switch {
	case e == nil:
		return nil
	case e.Kind == transport.Refused:
		return marked{e, ErrRefused}
	case e.Kind == transport.Unavailable:
		return marked{e, ErrUnavailable}
	}
	return e
}
