package settings

import (
	"fmt"
	"strings"
)

// Sources are where values come from, apart from the defaults.
type Sources struct {
	Config  string            // a folder or a YAML file; empty: the default folder, if there is one
	Environ []string          // as os.Environ
	Flags   map[string]string // by name
}

// Value is the value of a setting and where it came from.
type Value struct {
	Text   string
	Source string // "default", "file .config/output", "environment OUTPUT", "flag"
}

// FromFile reports whether a settings file gives the value.
func (v Value) FromFile() bool { return strings.HasPrefix(v.Source, "file ") }

// layer is what one source gives.
type layer struct {
	values   map[string]Value
	warnings []string
	errs     []error
}

func (l *layer) fail(err error) { l.errs = append(l.errs, err) }

// put notes a value under the setting that key names. A key that nobody needs any more
// is a warning, an unknown one an error.
func (l *layer) put(all Catalog, key string, v Value) {
	s, ok := all.find(key)
	if !ok {
		l.unknownKey(all, key, v.Source)
		return
	}
	if prior, twice := l.values[s.Name]; twice {
		l.fail(Invalid(s.Name, "given twice: in %s and in %s", prior.Source, v.Source))
		return
	}
	if l.values == nil {
		l.values = map[string]Value{}
	}
	l.values[s.Name] = v
}

// unknownKey decides on a key that is not in the catalog.
func (l *layer) unknownKey(all Catalog, key, source string) {
	if advice, ok := retired[strings.ToLower(key)]; ok {
		l.warnings = append(l.warnings, fmt.Sprintf("%s (%s) is not used: %s", key, source, advice))
		return
	}
	l.fail(Invalid(key, "unknown setting in %s%s", source, advice(all, key)))
}
