package collector

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"stocktake/collector/deliver"
	"stocktake/collector/kube"
	"stocktake/collector/payload"
)

// Settings is everything that can be set, grouped by the package that uses it.
// The field tags are the only place where a setting is described: its name, its
// default, what it means and whether it is a secret. The decoder, the strict
// key check, the settings print and the table in the README all read them.
type Settings struct {
	Run          RunOptions
	Kube         kube.Options
	Identity     kube.Identity
	Select       SelectOptions
	Metadata     MetadataOptions
	Payload      payload.Options
	Anchore      deliver.AnchoreOptions
	Route        RouteOptions
	Registration deliver.RegistrationOptions
	HTTP         deliver.HTTPOptions
	File         deliver.FileOptions
	Pushgateway  deliver.PushgatewayOptions
	Metrics      MetricsOptions
}

// setting is one entry of the catalog.
type setting struct {
	name    string // "anchore.http.timeout-seconds"
	group   int    // index of its field in Settings
	field   string // Go name of its field in the group, which decoding errors carry
	kind    string // what a value looks like, for people: "text", "whole number", …
	preset  string // the default
	doc     string
	secret  bool
	fromArg string   // the flag that sets it, if it has one of its own
	alias   string   // another name of it, if there is one
	unnamed bool     // no variable sets it, because its name would be that of another setting
	choices []string // the only values that it takes; nil: others too
}

// envName turns a dotted name into that of its environment variable.
func envName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' {
			return '_'
		}
		return unicode.ToUpper(r)
	}, name)
}

// catalog lists every setting in the order of the structs.
func catalog() []setting {
	var all []setting
	root := reflect.TypeFor[Settings]()
	for g := range root.NumField() {
		group := root.Field(g).Type
		for field := range group.Fields() {
			if s, ok := describe(field); ok {
				s.group = g
				all = append(all, s)
			}
		}
	}
	return all
}

// describe reads the tags of one field; fields without a setting tag are not
// settings.
func describe(f reflect.StructField) (setting, bool) {
	name := f.Tag.Get("setting")
	return setting{
		name:    name,
		field:   f.Name,
		kind:    kindOf(f.Type),
		preset:  f.Tag.Get("envDefault"),
		doc:     f.Tag.Get("doc"),
		secret:  f.Tag.Get("secret") == "true",
		fromArg: f.Tag.Get("flag"),
		alias:   f.Tag.Get("alias"),
		unnamed: f.Tag.Get("variable") == "-",
		choices: choicesOf(f),
	}, name != ""
}

func choicesOf(f reflect.StructField) []string {
	tag := f.Tag.Get("choices")
	if tag == "" {
		return nil
	}
	return strings.Split(tag, ",")
}

// What a value looks like, in words for people.
const (
	kindText     = "text"
	kindNumber   = "whole number"
	kindSwitch   = "true or false"
	kindDuration = "duration"
	kindList     = "list"
	kindUsable   = "usable value" // its own error says more
)

// kindOf says what a value of the type looks like, in words for people.
func kindOf(t reflect.Type) string {
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return kindUsable
	case t.String() == "time.Duration":
		return kindDuration
	case t.Kind() == reflect.Bool:
		return kindSwitch
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return kindNumber
	case t.Kind() == reflect.Slice:
		return kindList
	default:
		return kindText
	}
}

// find returns the setting that a key names: its dotted name, or the name of a
// variable that sets it, as the keys of a Secret may be called.
func find(all []setting, key string) (setting, bool) {
	lower := strings.ToLower(key)
	if lower == "" {
		return setting{}, false
	}
	for _, s := range all {
		if s.name == lower || s.alias == lower || slices.Contains(s.variables(), key) {
			return s, true
		}
	}
	return setting{}, false
}
