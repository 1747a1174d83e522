package transport

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

// TestHeaderThatCannotBeSentIsASetting and no fault of the network, which would be
// tried again.
func TestHeaderThatCannotBeSentIsASetting(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something was sent") }))
	t.Cleanup(server.Close)
	c := clientOf(t, server.URL)
	for name, test := range map[string]struct{ value, setting string }{
		"Authorization": {"Bearer \x7f", "clair.token"},
		"X-Else":        {"\x00", "clair.http.header"},
	} {
		a, e := c.Do(t.Context(), Request{Method: http.MethodPost, URL: server.URL, Header: http.Header{name: {test.value}}})
		require.NotNil(t, e, name)
		require.ErrorIs(t, e, settings.ErrInvalid)
		assert.Equal(t, Misset, e.Kind)
		assert.Contains(t, e.Error(), test.setting+": ")
		assert.Equal(t, 1, a.Attempts)
	}
}
