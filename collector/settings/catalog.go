package settings

import (
	"encoding"
	"reflect"
	"strings"
)

// Setting describes one setting: what the tags of its field say.
type Setting struct {
	Name    string // "anchore.http.timeout-seconds"
	Default string
	Doc     string   // what it does
	Secret  bool     // its value is never shown
	Flag    string   // the flag that sets it, if it has one of its own: "-dry-run"
	Choices []string // the only values it takes; nil: others too
	Holds   string   // what its value is: "file", "address", "namespaces"; empty: anything else

	group   int    // index of its group
	field   string // Go name of its field in the group, which decoding errors carry
	kind    string // what a value looks like, for people: "text", "whole number", …
	alias   string // another name of it, if there is one
	bare    bool   // its variable needs no prefix
	unnamed bool   // no variable sets it, because its name would be that of another setting
	mapping bool   // in YAML, its value is a mapping whose keys are no settings

	others    []string // variables of other tools that set it too
	inherited []string // defaults of older tools, which their files spell out: nobody chose them
}

// Switch reports whether the values are true and false.
func (s Setting) Switch() bool { return s.kind == kindSwitch }

// Catalog lists settings in the order of the structs.
type Catalog []Setting

// CatalogOf reads the tags of a struct of groups of options, or of a pointer to one.
func CatalogOf(options any) Catalog {
	t := reflect.TypeOf(options)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var all Catalog
	for i, group := range groups(reflect.New(t).Elem()) {
		for field := range group.Type().Fields() {
			if s, ok := describe(field); ok {
				s.group = i
				all = append(all, s)
			}
		}
	}
	return all
}

// groups returns the groups of options in a struct, in order. What is embedded holds
// groups itself.
func groups(options reflect.Value) []reflect.Value {
	var all []reflect.Value
	for i := range options.NumField() {
		if options.Type().Field(i).Anonymous {
			all = append(all, groups(options.Field(i))...)
		} else {
			all = append(all, options.Field(i))
		}
	}
	return all
}

// describe reads the tags of one field; fields without a setting tag are not settings.
func describe(f reflect.StructField) (Setting, bool) {
	name := f.Tag.Get("setting")
	return Setting{
		Name:    name,
		Default: f.Tag.Get("envDefault"),
		Doc:     f.Tag.Get("doc"),
		Secret:  f.Tag.Get("secret") == "true",
		Flag:    f.Tag.Get("flag"),
		Choices: listOf(f, "choices"),
		Holds:   f.Tag.Get("holds"),
		field:   f.Name,
		kind:    kindOf(f.Type),
		alias:   f.Tag.Get("alias"),
		bare:    f.Tag.Get("variable") == "bare",
		unnamed: f.Tag.Get("variable") == "-",
		mapping: f.Tag.Get("mapping") == "true",

		others:    othersOf(f),
		inherited: listOf(f, "inherited"),
	}, name != ""
}

// listOf is what a tag lists, with commas in between.
func listOf(f reflect.StructField, name string) []string {
	tag := f.Tag.Get(name)
	if tag == "" {
		return nil
	}
	return strings.Split(tag, ",")
}

// othersOf are the variables that the tag names.
func othersOf(f reflect.StructField) []string {
	switch f.Tag.Get("variable") {
	case "-", "bare":
		return nil
	}
	return listOf(f, "variable")
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
