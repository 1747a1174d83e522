package deliver

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
)

// TestDeliverRedactsAPasswordHoweverItIsPlayedBack has a service refuse a login
// and say with which one, in the spelling of its language, one a line in the file.
func TestDeliverRedactsAPasswordHoweverItIsPlayedBack(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/played-back.tsv")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		name, spelling, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		r, url := anchoretest.Start(t, anchoretest.Options{})
		r.FailNext(1, anchoretest.Fault{Status: 401, Body: "bad login " + spelling})
		c := newClientOf(t, url, func(o *AnchoreOptions) {
			o.APIVersion, o.User, o.Password = apiV2, "u", `p&ss<w>"rd'/é 1?x=+%zz`
		})
		_, err := c.deliver(newBody(t, payload.Anchore, 1))
		require.ErrorIs(t, err, ErrRefused, name)
		assert.Contains(t, err.Error(), "bad login [redacted]", name)
		assert.NotContains(t, err.Error(), "zz", name)
	}
}
