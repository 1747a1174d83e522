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
	s["else"] = object{"required": []string{"clusterId"}, "properties": object{"clusterId": object{"minLength": 1}}}
	return s
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
			properties[child.path[len(child.path)-1]] = child.entry(t)
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
		all[field.Tag.Get("setting")] = e
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
func fields() []reflect.StructField {
	var all []reflect.StructField
	for group := range reflect.TypeFor[collector.Settings]().Fields() {
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
