package collector

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/caarlos0/env/v9"
)

// given is a value and where it came from.
type given struct {
	value  string
	source string // "default", "file .config/output", "environment OUTPUT", "flag -output"
}

func (g given) isFile() bool { return strings.HasPrefix(g.source, "file ") }

// loaded is the outcome of reading the settings.
type loaded struct {
	Settings
	values   map[string]given // by dotted name, only what was given
	warnings []string
}

// load merges the four sources, the weakest first, and decodes the result. What
// is right is decoded even when something else is wrong, so that a mistake can
// be reported the way the settings ask for.
func load(inv Invocation) (loaded, error) {
	all := catalog()
	l := loaded{values: map[string]given{}}
	var errs []error
	for _, read := range []func([]setting, Invocation) (layer, error){readConfig, readEnviron, readFlags} {
		next, err := read(all, inv)
		errs = append(errs, err)
		l.warnings = append(l.warnings, next.warnings...)
		maps.Copy(l.values, next.values)
	}
	errs = append(errs, l.decode(all)...)
	var shown []error
	for _, one := range each(errors.Join(errs...)) {
		shown = append(shown, escaped{one})
	}
	return l, errors.Join(shown...)
}

// escaped is an error that quotes keys and values of files as they are. Its text
// holds nothing that a terminal would obey; the lines of several errors stay.
type escaped struct{ error }

// Error escapes what is not printable.
func (e escaped) Error() string { return Printable(e.error.Error()) }

// Printable escapes what a terminal would obey: control and direction characters.
// Lines stay.
func Printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// Unwrap is the error itself.
func (e escaped) Unwrap() error { return e.error }

// decode fills the structs from the merged values. Values are keyed by their
// dotted name, which is the tag that the decoder looks for.
func (l *loaded) decode(all []setting) []error {
	merged := make(map[string]string, len(l.values))
	var errs []error
	for _, s := range all {
		v, ok := l.values[s.name]
		if !ok {
			continue
		}
		value, err := s.normal(v)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		merged[s.name] = value
	}
	root := reflect.ValueOf(&l.Settings).Elem()
	for g := range root.NumField() {
		err := env.ParseWithOptions(root.Field(g).Addr().Interface(), env.Options{TagName: "setting", Environment: merged})
		errs = append(errs, l.explain(all, g, err)...)
	}
	l.Kube.Identity = l.Identity
	return errs
}

// explain turns the decoder's errors, which name Go fields, into errors that
// name the setting, the value, where it came from and what is expected.
func (l *loaded) explain(all []setting, group int, err error) []error {
	if err == nil {
		return nil
	}
	var parsing env.AggregateError
	if !errors.As(err, &parsing) {
		return []error{fmt.Errorf("%w: %w", errSettings, err)}
	}
	var out []error
	for _, each := range parsing.Errors {
		out = append(out, l.explainField(all, group, each))
	}
	return out
}

func (l *loaded) explainField(all []setting, group int, err error) error {
	var field env.ParseError
	if !errors.As(err, &field) {
		return fmt.Errorf("%w: %w", errSettings, err)
	}
	for _, s := range all {
		if s.group == group && s.field == field.Name {
			v := l.values[s.name]
			return invalid(s.name, "%s is not a %s (from %s)%s", s.show(v.value), s.kind, v.source, s.hint(field.Err))
		}
	}
	return fmt.Errorf("%w: %w", errSettings, err)
}

// hint adds what a value of this kind looks like, or what its own type says.
func (s setting) hint(err error) string {
	switch s.kind {
	case kindDuration:
		return `: write it with a unit, for example "90s" or "10m"`
	case kindNumber, kindSwitch:
		return ""
	}
	if s.secret {
		return ": " + s.doc // the error may quote the value
	}
	return ": " + err.Error()
}

// show prints a value for people: quoted and short, or hidden when it is a
// secret.
func (s setting) show(value string) string {
	switch {
	case s.secret && value != "":
		return hiddenValue
	case s.isAddress(value):
		return s.showAddress(value)
	}
	return showText(value)
}

func showText(value string) string {
	const most = 80
	if len(value) > most {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(value[:most], ""))
	}
	return fmt.Sprintf("%q", value)
}
