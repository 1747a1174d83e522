package object_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"stocktake/collector/object"
)

// TestSurvivorsGolden writes into every string of every built-in type where it is, redacts
// the object, and compares what is left with a list that a person has read. What is sent of
// a struct is sent wherever the struct is, and is listed once. URLs are not in the list: they
// lose what the test writes into them.
func TestSurvivorsGolden(t *testing.T) {
	t.Parallel()
	left := map[string]map[string]bool{} // by field of a struct: whether it survives
	rules := object.NewRules(nil)
	for kind, typ := range builtIns(t) {
		value := reflect.New(typ)
		(&filler{depth: map[reflect.Type]int{}}).fill(value.Elem(), nil)
		value.Elem().FieldByName("Kind").SetString(kind.Kind)
		version, _ := kind.ToAPIVersionAndKind()
		value.Elem().FieldByName("APIVersion").SetString(version)
		whole, err := json.Marshal(value.Interface())
		require.NoError(t, err)
		filter := rules.Filter(object.Type{Group: kind.Group, Version: kind.Version, Kind: kind.Kind, BuiltIn: true}, object.Masked)
		got, counts, err := filter.Append(nil, whole)
		require.NoError(t, err, kind)
		require.Zero(t, counts.Unknown, "%s has strings that the table does not know", kind)

		sent := marks(t, got)
		for mark := range marks(t, whole) {
			field := strings.Trim(mark[strings.LastIndexByte(mark, '|')+1:], "@")
			if kind.Kind == "Secret" && kind.Group == "" && !sent[mark] {
				continue
			}
			if left[field] == nil {
				left[field] = map[string]bool{}
			}
			left[field][fmt.Sprint(sent[mark])] = true
		}
	}
	var lines []string
	for _, field := range slices.Sorted(maps.Keys(left)) {
		require.Len(t, left[field], 1, "%s is sent in one place and not in another", field)
		if left[field]["true"] {
			lines = append(lines, field)
		}
	}
	golden(t, "survivors.txt", strings.Join(lines, "\n")+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "read the difference: what is added leaves clusters")
}

// filler writes into every string of a value the path and the field that it is in.
type filler struct{ depth map[reflect.Type]int }

func (f *filler) fill(v reflect.Value, at []string) {
	mark := "@" + strings.Join(at, ".") + "|"
	if len(at) > 0 {
		mark += at[len(at)-1]
	}
	mark += "@"
	switch v.Type() {
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.MicroTime](), reflect.TypeFor[metav1.Duration](), reflect.TypeFor[resource.Quantity]():
		return // cannot hold other text
	case reflect.TypeFor[intstr.IntOrString]():
		v.Set(reflect.ValueOf(intstr.FromString(mark)))
		return
	case reflect.TypeFor[apiextensionsv1.JSON]():
		v.FieldByName("Raw").SetBytes([]byte(`"` + mark + `"`))
		return
	case reflect.TypeFor[runtime.RawExtension](), reflect.TypeFor[metav1.FieldsV1]():
		v.FieldByName("Raw").SetBytes([]byte(`{"raw":["` + mark + `"]}`))
		return
	case reflect.TypeFor[[]byte]():
		v.SetBytes([]byte(mark))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(mark)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), at)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), at)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		element := reflect.New(v.Type().Elem()).Elem()
		f.fill(element, at)
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), element)
	case reflect.Struct:
		f.structure(v, at)
	default:
	}
}

func (f *filler) structure(v reflect.Value, at []string) {
	typ := v.Type()
	if f.depth[typ] == 1 { // a schema in a schema
		return
	}
	f.depth[typ]++
	defer func() { f.depth[typ]-- }()
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		switch {
		case name == "" && typ.Field(i).Anonymous:
			f.fill(v.Field(i), at)
		case typ == reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrStringArray]() && typ.Field(i).Name == "Property": // one or the other
		case name == "" || name == "-":
			f.fill(v.Field(i), at) // of a type that writes its own JSON
		default:
			f.fill(v.Field(i), append(slices.Clip(at), nameOf(typ)+"/"+name))
		}
	}
}

// marks are those in the strings of a text, also those in base64.
func marks(t *testing.T, text []byte) map[string]bool {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	found := map[string]bool{}
	var walk func(any)
	walk = func(value any) {
		switch value := value.(type) {
		case string:
			if plain, err := base64.StdEncoding.DecodeString(value); err == nil {
				value = string(plain)
			}
			if strings.HasPrefix(value, "@") {
				found[value] = true
			}
		case []any:
			for _, element := range value {
				walk(element)
			}
		case map[string]any:
			for _, element := range value {
				walk(element)
			}
		}
	}
	walk(value)

	return found
}
