package settings

import (
	"errors"
	"strings"

	"stocktake/collector/plaintext"
)

// Locate adds to each error about a setting where the value came from, so that whoever
// reads it knows which file or variable to correct. An error of [Load] says so already;
// of a setting that has its default there is nothing to say.
func (g Given) Locate(err error) error {
	if parts := joined(err); parts != nil {
		all := make([]error, len(parts))
		for i, part := range parts {
			all[i] = g.Locate(part)
		}
		return errors.Join(all...)
	}
	if _, done := errors.AsType[located](err); done {
		return err
	}
	if _, done := errors.AsType[escaped](err); done {
		return err
	}
	if about, ok := errors.AsType[*Error](err); ok {
		if v, given := g.valueOf(about.Name); given {
			return located{err, v.Source}
		}
	}
	return err
}

// joined returns the parts of what errors.Join made, nil for every other error.
func joined(err error) []error {
	several, ok := err.(interface{ Unwrap() []error }) // what wraps several stays whole
	if !ok {
		return nil
	}
	parts := several.Unwrap()
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = part.Error()
	}
	if strings.Join(texts, "\n") != err.Error() {
		return nil
	}
	return parts
}

// valueOf returns the value of a setting, or of the one that a name is a part of:
// account-routes.admin.
func (g Given) valueOf(name string) (Value, bool) {
	for {
		if v, ok := g.Values[name]; ok {
			return v, true
		}
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return Value{}, false
		}
		name = name[:dot]
	}
}

// located is an error about a setting whose value came from a source.
type located struct {
	error

	source string
}

// Error says where the value came from.
func (l located) Error() string {
	return l.error.Error() + " (from " + plaintext.Escape(l.source) + ")"
}

// Unwrap returns the error itself.
func (l located) Unwrap() error { return l.error }
