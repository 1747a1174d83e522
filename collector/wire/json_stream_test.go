package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzJSONValue cuts values as encoding/json does.
func FuzzJSONValue(f *testing.F) {
	for _, seed := range []string{`{}`, `[1, "a]", {"b\"}": [null]}]`, ` "x\\" `, `-1.5e3`, `true`, `{"a":{"b":[]},"c":""}`, `[1 2]`, `{"a" 1}`} {
		f.Add([]byte(seed), 7)
	}
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		if !json.Valid(b) {
			return
		}
		s := jsonStream{r: bufio.NewReaderSize(bytes.NewReader(append(bytes.Clone(b), " ]"...)), min(max(size, 16), 64))}
		value, err := s.next(len(b))
		require.NoError(t, err)
		require.Equal(t, string(bytes.Trim(b, " \n\t\r")), string(value))
		rest, err := s.take("]")
		require.NoError(t, err)
		require.Equal(t, byte(']'), rest)
		requireMembers(t, value)
	})
}

// requireMembers requires that a value is cut into what encoding/json finds in it.
func requireMembers(t *testing.T, value []byte) {
	t.Helper()
	var elements []json.RawMessage
	if json.Unmarshal(value, &elements) == nil && value[0] == '[' {
		var got []json.RawMessage
		require.NoError(t, Members(value, func(_, v []byte) error { got = append(got, v); return nil }))
		require.Len(t, got, len(elements))
		for i := range got {
			require.JSONEq(t, string(elements[i]), string(got[i]))
		}
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) == nil && value[0] == '{' {
		got := map[string]json.RawMessage{}
		require.NoError(t, Members(value, func(k, v []byte) error {
			key, ok := Unquoted(k)
			require.True(t, ok)
			got[string(key)] = v
			return nil
		}))
		require.Len(t, got, len(object))
		for key := range got {
			require.JSONEq(t, string(object[key]), string(got[key]))
		}
	}
}
