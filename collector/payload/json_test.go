package payload

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{
		"", "plain", `"quoted\"`, "<a href='x'>&amp;", "\x00\x01\b\t\n\v\f\r\x1f\x7f", "Zoë ✓ 𝄞", "\u2028\u2029\u202a",
		"\xff", "a\xc3", "\xe2\x80", "\xed\xa0\x80", "\ufffd", "\xf4\x90\x80\x80end",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(appendString(nil, s)))
	})
}

func TestAppendLabelsKeepsTheOrder(t *testing.T) {
	t.Parallel()
	labels := []inventory.Label{{Key: "z", Value: "1"}, {Key: "a\"", Value: ""}}
	assert.Equal(t, `{"a":"b","labels":{"z":"1","a\"":""}`, string(appendLabels([]byte(`{"a":"b"`), "labels", labels))) //nolint:testifylint // JSONEq does not see the order
	assert.Equal(t, `{`, string(appendLabels([]byte("{"), "labels", nil)))
}
