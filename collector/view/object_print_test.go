package view

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"stocktake/collector/report"
)

// FuzzYAML: whoever reads YAML, of 1.1 as kubectl does, reads what the JSON says, and no
// terminal obeys it.
func FuzzYAML(f *testing.F) {
	for _, text := range []string{
		`{"on":"yes","b":["","~","null","0x1F","1e3","12:30","- a","a: b","# c","'","\"","2020-01-01T00:00:00Z","=","<<","017","1_000",".5"]}`,
		"{\"a\u202eb\":\"\\u001b[2J\\u009b \\ud83d\\ude00\\n  two\\n\",\"\":{}, \"long\":\"" + string(bytes.Repeat([]byte("word "), 50)) + "\"}",
		`{"n":[1,-2.50,1e9,12345678901234567890123,true,null,[],[[]],{"a":{}}]}`, `{"a":"\n","b":" x ","c":"x\n\n","d":"\ttab","e":"\r\n","f":"|\n>"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want map[string]any
		if json.Unmarshal(text, &want) != nil || want == nil {
			return
		}
		clean, err := json.Marshal(want) // each key once
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, writeYAML(&report.TerminalJSON{Out: &out}, clean))
		require.NotRegexp(t, `[\x{1b}\x{7f}-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]`, out.String())
		var got map[string]any
		require.NoError(t, yaml.Unmarshal(out.Bytes(), &got), "%q", out.String())
		require.Equal(t, want, got, "%q", out.String())
	})
}
