package inventory_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
)

func TestVersionIsReadFromObjectsAlone(t *testing.T) {
	t.Parallel()
	for text, known := range map[string]bool{
		`{"major":"1","minor":"2"}`: true, `{"gitVersion":"v1.2.3"}`: true,
		`null`: false, `{}`: false, `{"status":"ok"}`: false, `{"major":""}`: false, `{"major":null}`: false,
	} {
		var v inventory.ServerVersion
		require.NoError(t, json.Unmarshal([]byte(text), &v), text)
		assert.Equal(t, known, v.Known(), text)
	}
	for _, text := range []string{`[]`, `"v1.2.3"`, `7`, `{"major":1}`, `{"gitVersion":{}}`, `{"major":["1"]}`} {
		var v inventory.ServerVersion
		require.Error(t, json.Unmarshal([]byte(text), &v), text)
	}
}

func FuzzVersionKeepsEveryMember(f *testing.F) {
	f.Add(`{"major":"1","emulationMajor":"1","x":{"y":[1,null]}}`)
	f.Add(`{"a":1,"a":2,"b":"\ud800"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var v inventory.ServerVersion
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		var all map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &all))
		named := map[string]bool{
			"major": true, "minor": true, "gitVersion": true, "gitCommit": true, "gitTreeState": true,
			"buildDate": true, "goVersion": true, "compiler": true, "platform": true,
		}
		for _, other := range v.Others {
			require.False(t, named[other.Name], "%s", other.Name)
			var got any
			require.NoError(t, json.Unmarshal(other.Value, &got))
			require.Equal(t, all[other.Name], got)
			named[other.Name] = true
		}
		for name := range all {
			require.True(t, named[name], "%s was lost", name)
		}
	})
}
