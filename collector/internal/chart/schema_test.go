package chart

import (
	"encoding"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"stocktake/collector"
)

// schema describes values.yaml as a JSON Schema of draft 7, which every Helm 3
// understands. Nothing that is not described is allowed, except where Kubernetes
// itself has the type: there the API server judges, with the types it has.
func schema(t *testing.T) map[string]any {
	t.Helper()
	values := readValues(t)
	s := values.entry(t)
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["title"] = "Values of the stocktake chart"
	// A cluster has a name: here, or among the settings.
	s["if"] = object{"properties": object{"settings": object{"anyOf": []any{
		object{"required": []string{"cluster-id"}},
		object{"required": []string{"kubeconfig.cluster"}},
	}}}}
	s["else"] = object{"properties": object{"clusterId": object{
		"if": object{"const": ""}, "then": object{"const": "the name of this cluster"},
	}}}
	return s
}

// readableToAll is what the schema says of an address that somebody could log in with.
const readableToAll = "an address without a user and a password: these belong into a Secret"

// withoutPassword describes an address in which nobody is named: it would be readable
// to all in a ConfigMap or a pod. A const that is no address makes a message that
// says what is wrong, and does not repeat the address as one about a pattern does.
func withoutPassword(says string) object {
	return object{"if": object{"type": "string", "pattern": "@"}, "then": object{"const": says}}
}

// address describes an HTTP URL, or none.
func address() object {
	a := withoutPassword(readableToAll)
	a["else"] = object{"pattern": "^(https?://.+)?$"}
	return a
}

// clusterName describes what the program takes as the name of a cluster. KAI took more.
func clusterName() object {
	return object{"if": object{"not": object{"pattern": "^[a-z0-9_-]*$"}}, "then": object{
		"const": "lower-case letters, digits, - and _ (a name that KAI used is kept with settings.kubeconfig.cluster in place of clusterId)",
	}}
}

// nullable lets a key be left empty: the templates then take it as absent.
func nullable(e object) object {
	e = maps.Clone(e)
	switch kind := e["type"].(type) {
	case string:
		if kind != "null" {
			e["type"] = []any{kind, "null"}
		}
	case []string:
		e["type"] = append(slices.Clone(kind), "null")
	case []any:
		if !slices.Contains(kind, any("null")) {
			e["type"] = append(slices.Clone(kind), "null")
		}
	}
	if enum, ok := e["enum"].([]any); ok {
		e["enum"] = append(slices.Clone(enum), nil)
	}
	if of, ok := e["additionalProperties"].(object); ok {
		e["additionalProperties"] = nullable(of)
	}
	return e
}

type object = map[string]any

// entry derives what a value may be from what it is by default, and lays its
// @schema line over that.
func (v *value) entry(t *testing.T) map[string]any {
	t.Helper()
	e := object{}
	if v.doc != "" {
		e["description"] = v.doc
	}
	switch v.node.Kind {
	case yaml.MappingNode:
		e["type"] = "object"
		e["additionalProperties"] = false
	case yaml.SequenceNode:
		e["type"] = "array"
	default:
		e["type"] = map[string]string{"!!str": "string", "!!bool": "boolean", "!!int": "integer", "!!null": "null"}[v.node.Tag]
	}
	maps.Copy(e, v.schema)
	switch v.name() {
	case "settings":
		e["properties"] = settings()
	case "secretSettings":
		e["properties"] = secretSettings()
	}
	if v.children != nil {
		properties := object{}
		for _, child := range v.children {
			properties[child.path[len(child.path)-1]] = nullable(child.entry(t))
		}
		e["properties"] = properties
	}
	require.NotEmpty(t, e["type"], "values.yaml: the type of %s is not known", v.name())
	return e
}

// settings describes every setting of the program that is not a secret. What they
// mean is said in the README of the repository.
func settings() map[string]any { return described(false) }

// secretSettings describes the others. One that is read as YAML may be given as such.
func secretSettings() map[string]any { return described(true) }

// described lists the settings of one sort, by name.
func described(secret bool) map[string]any {
	all := object{}
	for _, field := range fields() {
		if secret != (field.Tag.Get("secret") == "true") {
			continue
		}
		e := shape(field.Type)
		if secret && field.Type.Kind() == reflect.Slice {
			e["type"] = []string{"object", "string"}
		}
		name := field.Tag.Get("setting")
		if name == "cluster-id" {
			maps.Copy(e, clusterName())
		}
		if strings.HasSuffix(name, ".url") || strings.HasSuffix(name, ".server") {
			maps.Copy(e, withoutPassword(readableToAll))
		}
		all[name] = nullable(e)
	}
	return all
}

// shape is what values of a Go type look like in YAML. Text is never written as a
// number: 1.10 would become 1.1.
func shape(t reflect.Type) map[string]any {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return object{"type": []string{"string", "integer"}}
	}
	switch {
	case t.String() == "time.Duration":
		return object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`}
	case t.Kind() == reflect.Bool:
		return object{"type": "boolean"}
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return object{"type": "integer"}
	case t.Kind() == reflect.Slice:
		return object{"type": []string{"array", "string"}, "items": object{"type": "string"}}
	}
	return object{"type": "string"}
}

// fields are those of the program's settings, by the tags that the program itself
// reads.
func fields() []reflect.StructField { return fieldsOf(reflect.TypeFor[collector.Settings]()) }

func fieldsOf(options reflect.Type) []reflect.StructField {
	var all []reflect.StructField
	for group := range options.Fields() {
		if group.Anonymous { // it holds groups itself
			all = append(all, fieldsOf(group.Type)...)
			continue
		}
		for field := range group.Type.Fields() {
			if field.Tag.Get("setting") != "" {
				all = append(all, field)
			}
		}
	}
	return all
}

// settingNames are the settings that a ConfigMap may hold, sorted.
func settingNames() []string {
	return slices.Sorted(maps.Keys(settings()))
}

func TestSchemaKnowsEverySetting(t *testing.T) {
	t.Parallel()
	names := settingNames()

	require.Contains(t, names, "kubernetes.request-batch-size")
	require.NotContains(t, names, "anchore.password", "a secret has no place in a ConfigMap")
	require.Greater(t, len(names), 25)
	for _, name := range names {
		require.Equal(t, strings.ToLower(name), name)
	}
}
