package saved

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/payload"
)

// checkNative compares a text with the schema of the native body.
func checkNative(body io.Reader) error {
	s, err := readSchema(payload.StocktakeSchema())
	if err != nil {
		return err
	}
	return s.check(body)
}

func TestCheckAcceptsWhatIsBuilt(t *testing.T) {
	t.Parallel()
	text := nativeText(t)
	require.NoError(t, checkNative(iotest.OneByteReader(bytes.NewReader(text))))
	require.NoError(t, checkNative(strings.NewReader(string(text)+" \n")), "as it is printed")
	require.NoError(t, checkNative(bytes.NewReader(clustertest.Indent(t, text))))
	body := newCluster(3000, 3, 10).build(t, payload.Stocktake, payload.Options{})[0]
	require.NoError(t, checkNative(body.Plain()))
}

func TestCheckNamesTheFirstPlaceThatIsWrong(t *testing.T) {
	t.Parallel()
	text := string(nativeText(t))
	for _, test := range []struct{ old, new, want string }{
		{`"format":"stocktake/v1"`, `"format":"stocktake/v2"`, `format: "stocktake/v2" is not "stocktake/v1"`},
		{`"complete":true,`, ``, `run: complete is missing`},
		{`"complete":true`, `"complete":"true"`, `run.complete: string where the schema wants boolean`},
		{`"pages":3`, `"pages":-3`, `run.pages: -3 is less than 0`},
		{`"pages":3`, `"pages":3.5`, `run.pages: 3.5 is not a whole number`},
		{`"pages":3`, `"pages":null`, `run.pages: null where the schema wants integer`},
		{`"consistency":"mixed"`, `"consistency":"torn"`, `run.consistency: "torn" is none of snapshot, mixed`},
		{`"gaps":[`, `"gap":[`, `"gap" is not known`},
		{`"name":"win"`, `"name":"win","name":"win"`, `nodes[3]: "name" comes twice`},
		{`"name":"win"`, `"name":""`, `nodes[3].name: an empty text`},
		{`"digest":"sha256:a`, `"digest":"sha256:A`, `images[0].digest: "sha256:A`},
		{`{"zone":"a"}`, `{"zone":1}`, `nodes[0].labels.zone: integer where the schema wants string`},
		{`"kind":"init"`, `"kind":"start"`, `pods[0].containers[0].kind: "start" is none of`},
		{`"containers":[{`, `"containers":{"a":[{`, `pods[0].containers: object where the schema wants array`},
		{`"gaps":[`, `"gaps":[[[[`, `gaps[0]: array where the schema wants object`},
	} {
		require.Contains(t, text, test.old)
		err := checkNative(strings.NewReader(strings.Replace(text, test.old, test.new, 1)))
		require.ErrorIs(t, err, ErrSchema)
		require.ErrorContains(t, err, ": "+test.want)
	}
}

func TestCheckRefusesWhatIsNotOneWholeBody(t *testing.T) {
	t.Parallel()
	text := string(nativeText(t))
	schema, err := readSchema(payload.StocktakeSchema())
	require.NoError(t, err)
	for i := 0; i < len(text); i += 13 {
		if schema.check(strings.NewReader(text[:i])) == nil {
			t.Fatalf("the first %d of %d bytes pass", i, len(text))
		}
	}
	for _, wrong := range []string{"", "null", "[]", `"stocktake/v1"`, "{}", "<html>", text + text, text + "}", text[:len(text)-1] + `,}`} {
		require.ErrorIs(t, checkNative(strings.NewReader(wrong)), ErrSchema, "%.40s", wrong)
	}
	require.ErrorIs(t, checkNative(strings.NewReader(text[:100])), io.ErrUnexpectedEOF)
	broken := io.MultiReader(strings.NewReader(text[:500]), iotest.ErrReader(assert.AnError))
	require.ErrorIs(t, checkNative(broken), assert.AnError)
}

// published is the schema of the native body, compiled once.
var published = sync.OnceValues(func() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(payload.StocktakeSchema()))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("stocktake.schema.json", document); err != nil {
		return nil, err
	}
	return compiler.Compile("stocktake.schema.json")
})

// variants yields the document with one change at a time, of every sort and in
// every place.
func variants(document any, yield func(change string, document any)) {
	root := []any{document}
	changed := func(change string) { yield(change, root[0]) }
	var walk func(place string, value any, set func(any))
	walk = func(place string, value any, set func(any)) {
		for _, other := range []any{nil, true, "", "text", json.Number("7"), json.Number("-1"), json.Number("1.5"), []any{}, []any{nil}, map[string]any{}, map[string]any{"x": "y"}} {
			set(other)
			changed(fmt.Sprintf("%s = %v", place, other))
		}
		set(value)
		switch value := value.(type) {
		case []any:
			for i, item := range value[:min(2, len(value))] {
				walk(fmt.Sprintf("%s[%d]", place, i), item, func(v any) { value[i] = v })
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(value)) {
				member := value[key]
				delete(value, key)
				changed(place + " without " + key)
				walk(place+"."+key, member, func(v any) { value[key] = v })
			}
		}
	}
	walk("", document, func(v any) { root[0] = v })
}

// The small check says of every variant of a body what a validator of the whole
// standard says.
func TestCheckAgreesWithARealValidator(t *testing.T) {
	t.Parallel()
	validator, err := published()
	require.NoError(t, err)
	ours, err := readSchema(payload.StocktakeSchema())
	require.NoError(t, err)
	valid, err := jsonschema.UnmarshalJSON(bytes.NewReader(nativeText(t)))
	require.NoError(t, err)
	for key, value := range valid.(map[string]any) {
		if list, ok := value.([]any); ok {
			valid.(map[string]any)[key] = list[:min(2, len(list))]
		}
	}
	count := map[bool]int{}
	variants(valid, func(change string, document any) {
		text, err := json.Marshal(document)
		require.NoError(t, err)
		want, got := validator.Validate(document), ours.check(bytes.NewReader(text))
		count[got == nil]++
		require.Equal(t, want == nil, got == nil, "%s: validator: %v; check: %v", change, want, got)
	})
	assert.Greater(t, count[true], 100, "accepted")
	assert.Greater(t, count[false], 1000, "refused")
}

func TestSchemaWithAnUnknownKeywordIsRefused(t *testing.T) {
	t.Parallel()
	_, err := readSchema(`{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","maxLength":3}}}}`)
	require.ErrorContains(t, err, "maxLength")
	_, err = readSchema(`{"type":"object","properties":{"a":{"$ref":"#/$defs/none"}}}`)
	require.ErrorContains(t, err, "#/$defs/none")
}

func FuzzCheckStocktake(f *testing.F) {
	f.Add(nativeText(f))
	f.Add([]byte(`{"format":"stocktake/v1","cluster":{"name":"a","version":{}},"pods":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if checkNative(bytes.NewReader(text)) != nil {
			return
		}
		schema, err := published()
		require.NoError(t, err)
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		require.NoError(t, schema.Validate(document))
	})
}
