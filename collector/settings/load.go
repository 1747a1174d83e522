package settings

import (
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/caarlos0/env/v9"

	"stocktake/collector/plaintext"
)

// Given is what the sources gave.
type Given struct {
	Values   map[string]Value // by name, without those that have their default
	Warnings []string         // about keys that have no meaning any more
}

// Load merges the sources, the weakest first, and decodes the result into a pointer to
// a struct of options. What is right is decoded even when something else is wrong, so
// that a mistake can be reported the way the settings ask for.
func Load(options any, from Sources) (Given, error) {
	all := CatalogOf(options)
	given := Given{Values: map[string]Value{}}
	var errs []error
	for _, read := range []func(Catalog, Sources) layer{readConfig, readEnviron, readFlags} {
		next := read(all, from)
		errs = append(errs, next.errs...)
		given.Warnings = append(given.Warnings, next.warnings...)
		maps.Copy(given.Values, next.values)
	}
	errs = append(errs, given.decode(all, reflect.ValueOf(options).Elem())...)
	for i, err := range errs {
		errs[i] = escaped{err}
	}
	return given, errors.Join(errs...)
}

// escaped is an error that quotes keys and values of files as they are. Its text holds
// nothing that a terminal would obey.
type escaped struct{ error }

// Error escapes what is not printable.
func (e escaped) Error() string { return plaintext.Escape(e.error.Error()) }

// Unwrap returns the error itself.
func (e escaped) Unwrap() error { return e.error }

// decode fills the structs from the merged values. Values are keyed by their name,
// which is the tag that the decoder looks for.
func (g *Given) decode(all Catalog, options reflect.Value) []error {
	merged := make(map[string]string, len(g.Values))
	var errs []error
	for _, s := range all {
		v, ok := g.Values[s.Name]
		if !ok {
			continue
		}
		value, err := s.normal(v)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		merged[s.Name] = value
	}
	for i, group := range groups(options) {
		err := env.ParseWithOptions(group.Addr().Interface(), env.Options{TagName: "setting", Environment: merged})
		errs = append(errs, g.explain(all, i, err)...)
	}
	return errs
}

// explain turns the decoder's errors, which name Go fields, into errors that name the
// setting, the value, where it came from and what is expected.
func (g *Given) explain(all Catalog, group int, err error) []error {
	if err == nil {
		return nil
	}
	var parsing env.AggregateError
	if !errors.As(err, &parsing) {
		return []error{fmt.Errorf("%w: %w", ErrInvalid, err)}
	}
	var out []error
	for _, each := range parsing.Errors {
		out = append(out, g.explainField(all, group, each))
	}
	return out
}

func (g *Given) explainField(all Catalog, group int, err error) error {
	var field env.ParseError
	if !errors.As(err, &field) {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	for _, s := range all {
		if s.group == group && s.field == field.Name {
			v := g.Values[s.Name]
			return Invalid(s.Name, "%s is not a %s (from %s)%s", s.Show(v.Text), s.kind, v.Source, s.hint(field.Err))
		}
	}
	return fmt.Errorf("%w: %w", ErrInvalid, err)
}

// hint adds what a value of this kind looks like, or what its own type says.
func (s Setting) hint(err error) string {
	switch s.kind {
	case kindDuration:
		return `: write it with a unit, for example "90s" or "10m"`
	case kindNumber, kindSwitch:
		return ""
	}
	if s.Secret {
		return ": " + s.Doc // the error may quote the value
	}
	return ": " + err.Error()
}
