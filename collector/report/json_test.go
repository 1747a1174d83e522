package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/report"
)

func TestTerminalJSONHasTheSameValueAndNothingToObey(t *testing.T) {
	t.Parallel()
	hostile := "{\n\t\"a\": \"é 中 😀 \u009b2J \u202egnp.exe \u2066 \u200b \x7f \U000e0041 \u00ad\"\r\n}"
	var want map[string]string
	require.NoError(t, json.Unmarshal([]byte(hostile), &want))
	for _, slow := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, func(r io.Reader) io.Reader { return r }} {
		var out bytes.Buffer
		_, err := io.Copy(&report.TerminalJSON{Out: &out}, slow(bytes.NewReader([]byte(hostile))))
		require.NoError(t, err)
		var got map[string]string
		require.NoError(t, json.Unmarshal(out.Bytes(), &got), out.String())
		assert.Equal(t, want, got)
		assert.NotRegexp(t, `[\x{80}-\x{9f}\x{7f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{200b}\x{e0041}]`, out.String())
		assert.Contains(t, out.String(), "é 中 😀", "what is harmless stays readable")
	}
}

func FuzzTerminalJSON(f *testing.F) {
	f.Add("a\u202eb\U000e0041")
	f.Fuzz(func(t *testing.T, s string) {
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var out bytes.Buffer
		_, err = (&report.TerminalJSON{Out: &out}).Write(text)
		require.NoError(t, err)
		var want, got string
		require.NoError(t, json.Unmarshal(text, &want))
		require.NoError(t, json.Unmarshal(out.Bytes(), &got))
		assert.Equal(t, want, got)
	})
}
