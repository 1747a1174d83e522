package deliver

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var (
	// ErrRefused marks the answer of a receiver that does not want the body, or not from us. Trying again does not help.
	ErrRefused = errors.New("refused by the receiver")
	// ErrUnavailable marks a receiver that could not be reached or could not answer. Trying later may help.
	ErrUnavailable = errors.New("receiver not available")
	// ErrAccountNotFound is the refusal of a receiver that works but does not know the account. It is an ErrRefused.
	ErrAccountNotFound = fmt.Errorf("%w: account not found", ErrRefused)
)

// Error is a delivery that failed.
type Error struct {
	Receiver string // URL, without credentials
	Status   int    // of the last answer, 0 when there was none
	Words    string // what the receiver said: at most 4 KiB, printable, redacted
	Advice   string // the way out, when one is known
	Attempts int    // made so far, in this encoding

	kind   error         // ErrRefused, ErrUnavailable, settings.ErrInvalid; nil for a fault of our own
	cause  error         // beneath the answer: network, TLS, context
	reason string        // cause in printable, redacted words
	ended  error         // why nothing was tried again although it may help; that of the context when it ended
	again  bool          // trying again may help
	coding bool          // the encoding of the body may be the cause
	after  time.Duration // how long the receiver asked to be left alone
}

// Error reads as a path: receiver, status, the receiver's words, the cause, the way out.
func (e *Error) Error() string {
	parts := []string{e.Receiver}
	if e.ended != nil && e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("given up after %d attempts", e.Attempts))
	}
	if e.ended != nil && e.ended.Error() != e.reason {
		parts = append(parts, e.ended.Error())
	}
	if e.Status != 0 {
		parts = append(parts, status(e.Status))
	}
	for _, s := range []string{e.Words, e.reason} {
		if s != "" && s != http.StatusText(e.Status) {
			parts = append(parts, s)
		}
	}
	text := strings.Join(parts, ": ")
	if e.Advice != "" {
		text += " (" + e.Advice + ")"
	}
	return text
}

// Unwrap lets errors.Is and errors.As see the kind of the fault, its cause and what ended the attempts.
func (e *Error) Unwrap() []error {
	var all []error
	for _, err := range []error{e.kind, e.cause, e.ended} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

// status is "404 Not Found", or the bare number when it has no name.
func status(code int) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + http.StatusText(code))
}
