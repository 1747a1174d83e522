package object_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

// tableFile says of every string of every built-in type whether it is sent. Its structure
// is generated from the Go types; the classes behind the names are written by hand and kept.
const tableFile = "builtin.txt"

// TestTableUpToDate fails when the API has a field that the table does not know. With
// UPDATE_GOLDEN=1 the field is added as masked: that it may be sent is for a person to say.
func TestTableUpToDate(t *testing.T) {
	t.Parallel()
	was, err := os.ReadFile(tableFile)
	require.NoError(t, err)
	want := generate(t, string(was))
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(tableFile, []byte(want), 0o600))

		return
	}
	assert.Equal(t, want, string(was), "make generate, then say in %s which of the new strings may be sent", tableFile)
}

// builtIns are the Go types of what a Kubernetes API server lists by itself.
func builtIns(t testing.TB) map[schema.GroupVersionKind]reflect.Type {
	t.Helper()
	s := runtime.NewScheme()
	require.NoError(t, scheme.AddToScheme(s))
	require.NoError(t, apiextensionsv1.AddToScheme(s))
	all := s.AllKnownTypes()
	listed := map[schema.GroupVersionKind]reflect.Type{
		{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}: reflect.TypeFor[APIService](),
	}
	for kind, typ := range all {
		_, hasList := all[kind.GroupVersion().WithKind(kind.Kind+"List")]
		if hasList && kind.Version != runtime.APIVersionInternal && typ.PkgPath() != reflect.TypeFor[metav1.APIGroup]().PkgPath() {
			listed[kind] = typ
		}
	}

	return listed
}

// APIService is that of k8s.io/kube-aggregator, whose module would bring an API server with it.
type APIService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              APIServiceSpec   `json:"spec"`
	Status            APIServiceStatus `json:"status"`
}

// APIServiceSpec says who serves a group version.
type APIServiceSpec struct {
	Service *struct {
		Namespace string `json:"namespace,omitempty"`
		Name      string `json:"name,omitempty"`
		Port      *int32 `json:"port,omitempty"`
	} `json:"service,omitempty"`
	Group                 string `json:"group,omitempty"`
	Version               string `json:"version,omitempty"`
	InsecureSkipTLSVerify bool   `json:"insecureSkipTLSVerify,omitempty"`
	CABundle              []byte `json:"caBundle,omitempty"`
	GroupPriorityMinimum  int32  `json:"groupPriorityMinimum"`
	VersionPriority       int32  `json:"versionPriority"`
}

// APIServiceStatus says whether it does.
type APIServiceStatus struct {
	Conditions []metav1.Condition `json:"conditions,omitempty"` // the fields of its own condition are a subset
}

// generator turns Go types into lines of the table. Structs of all versions of a group
// share a line: whoever classes a field classes it in each of them.
type generator struct {
	t       testing.TB
	classes map[string]string            // by "line field": how it is written in the table so far
	lines   map[string]map[string]string // by line and field: what follows the name of the field
	seen    map[reflect.Type]bool
}

// generate writes the table anew, with the classes of the one before.
func generate(t testing.TB, was string) string {
	t.Helper()
	g := &generator{t: t, classes: map[string]string{}, lines: map[string]map[string]string{}, seen: map[reflect.Type]bool{}}
	var head, kinds, structs []string
	for line := range strings.Lines(was) {
		if strings.HasPrefix(line, "#") {
			head = append(head, strings.TrimSpace(line))
			continue
		}
		g.remember(strings.Fields(line))
	}
	for kind, typ := range builtIns(t) {
		g.visit(typ)
		kinds = append(kinds, fmt.Sprintf("kind %s/%s %s", kind.Group, kind.Kind, nameOf(typ)))
	}
	for name, fields := range g.lines {
		if len(fields) == 0 {
			continue
		}
		line := name
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			line += " " + field + fields[field]
		}
		structs = append(structs, line)
	}
	slices.Sort(kinds)
	slices.Sort(structs)

	return strings.Join(slices.Concat(head, slices.Compact(kinds), structs), "\n") + "\n"
}

func (g *generator) remember(words []string) {
	for _, word := range words[min(1, len(words)):] {
		name := strings.TrimRightFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if !strings.Contains(word, "=") && words[0] != "kind" {
			g.classes[words[0]+" "+name] = strings.TrimPrefix(word, name)
		}
	}
}

// nameOf is the name of a struct without its version: core.Pod.
func nameOf(typ reflect.Type) string {
	switch {
	case typ.Name() != "" && typ.PkgPath() == reflect.TypeFor[APIService]().PkgPath():
		return "apiregistration." + typ.Name()
	case typ.Name() == "":
		return "apiregistration.ServiceReference"
	}

	return path.Base(path.Dir(typ.PkgPath())) + "." + typ.Name()
}

// visit adds the fields of a struct and of all below it, and reports whether there are strings.
func (g *generator) visit(typ reflect.Type) {
	if g.seen[typ] {
		return
	}
	g.seen[typ] = true
	if g.lines[nameOf(typ)] == nil {
		g.lines[nameOf(typ)] = map[string]string{}
	}
	g.fields(nameOf(typ), typ)
}

func (g *generator) fields(line string, typ reflect.Type) {
	for field := range typ.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch shape, of := formOf(field.Type); {
		case name == "-" || shape == none:
		case name == "":
			require.True(g.t, field.Anonymous, "%s.%s has no name in JSON", typ, field.Name)
			g.fields(line, field.Type)
		case of != nil && g.classes[line+" "+name] != "": // a person has classed all that is below
			g.set(line, name, g.classes[line+" "+name])
		case of != nil:
			g.visit(of)
			if len(g.lines[nameOf(of)]) > 0 {
				g.set(line, name, map[form]string{structure: "=", mapOfStructures: "{}="}[shape]+nameOf(of))
			}
		default:
			class, known := g.classes[line+" "+name]
			if !known {
				class = map[form]string{text: "!", mapOfTexts: "{}!"}[shape]
			}
			g.set(line, name, class)
		}
	}
}

func (g *generator) set(line, field, what string) {
	if before, found := g.lines[line][field]; found {
		require.Equal(g.t, before, what, "%s of %s differs between versions of its group", field, line)
	}
	g.lines[line][field] = what
}

// form is what a field looks like in JSON.
type form int

const (
	none form = iota // no string in it
	text
	mapOfTexts
	structure
	mapOfStructures
)

// formOf says what a field looks like in JSON, and which struct is below it.
func formOf(typ reflect.Type) (form, reflect.Type) {
	switch typ {
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.MicroTime](), reflect.TypeFor[metav1.Duration](),
		reflect.TypeFor[resource.Quantity](), reflect.TypeFor[intstr.IntOrString](), reflect.TypeFor[runtime.RawExtension](),
		reflect.TypeFor[metav1.FieldsV1](), reflect.TypeFor[apiextensionsv1.JSON](), reflect.TypeFor[[]byte]():
		return text, nil
	case reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrArray](), reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrBool](),
		reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrStringArray]():
		return structure, reflect.TypeFor[apiextensionsv1.JSONSchemaProps]()
	}
	switch typ.Kind() {
	case reflect.String:
		return text, nil
	case reflect.Pointer, reflect.Slice:
		return formOf(typ.Elem())
	case reflect.Struct:
		if typ.Implements(reflect.TypeFor[json.Marshaler]()) || reflect.PointerTo(typ).Implements(reflect.TypeFor[json.Marshaler]()) {
			panic(typ.String() + " writes its own JSON")
		}
		return structure, typ
	case reflect.Map:
		shape, of := formOf(typ.Elem())
		return map[form]form{text: mapOfTexts, structure: mapOfStructures}[shape], of
	case reflect.Interface:
		panic(typ.String())
	default:
		return none, nil
	}
}
