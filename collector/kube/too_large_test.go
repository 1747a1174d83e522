package kube

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/wire"
)

// TestJSONObjectThatIsTooLargeIsAGapOfItsNamespace and the rest of the page is read.
func TestJSONObjectThatIsTooLargeIsAGapOfItsNamespace(t *testing.T) {
	t.Parallel()
	large := func(meta string) string {
		return `{"metadata":{` + meta + `"labels":{"a":"` + strings.Repeat("x", wire.MaxObject) + `"}}}`
	}
	page := func(objects ...string) []byte {
		return []byte(`{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"namespace":"aa","name":"a"}},` +
			strings.Join(objects, ",") + `,{"metadata":{"namespace":"zz","name":"z"}}]}`)
	}
	read := func(page []byte) (*recorder, error) {
		r := newRecorder(t)
		_, err := answering{"pods": {says(page)}}.connection(t).Pods(t.Context(), r) //nolint:bodyclose // the client closes them
		return r, err
	}
	r, err := read(page(large(`"name":"m\"","namespace":"m\u006d",`), `{"metadata":{"namespace":"mm","name":"n"}}`))
	require.NoError(t, err)
	assert.Equal(t, map[string]struct{}{"aa": {}, "zz": {}}, r.over)
	require.ErrorIs(t, r.gaps["mm"].Cause, wire.ErrTooLarge)
	require.ErrorContains(t, r.gaps["mm"].Cause, `pod mm/m"`)

	_, err = read(page(`{"metadata":{"labels":{"a":"` + strings.Repeat("x", wire.MaxObject) + `"},"namespace":"mm"}}`))
	require.ErrorIs(t, err, wire.ErrTooLarge, "its namespace comes after all that is kept")
	require.ErrorContains(t, err, "nobody can tell which namespace lacks it")
}
