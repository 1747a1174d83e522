package deliver

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
	for name, test := range map[string]struct{ value, setting string }{
		accountHeader:   {"a\nb", "anchore.account"},
		"Authorization": {"Bearer \x7f", "anchore.user"},
		"X-Else":        {"\x00", "anchore.http.header"},
	} {
		c := newClientOf(t, server.URL, nil)
		e := request{method: http.MethodPost, url: server.URL, header: http.Header{name: {test.value}}}
		out, fault := c.client.send(t.Context(), e)
		require.NotNil(t, fault, name)
		require.ErrorIs(t, fault, settings.ErrInvalid)
		require.NotErrorIs(t, fault, ErrUnavailable)
		assert.Contains(t, fault.Error(), test.setting+": ")
		assert.Equal(t, 1, out.attempts)
	}
}
