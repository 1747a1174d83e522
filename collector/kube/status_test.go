package kube

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadStatusRedactsCredentialsHoweverTheyArePlayedBack has a front end say
// which login it did not like, in spellings that no list of ours had.
func TestReadStatusRedactsCredentialsHoweverTheyArePlayedBack(t *testing.T) {
	t.Parallel()
	const password = `p&ss<w>"rd'/é` //nolint:gosec // no real one
	for _, spelling := range []string{
		`p&amp;ss&lt;w&gt;&quot;rd&#x27;/é`, `p%26ss%3cw%3e%22rd%27/%c3%a9`, `p&ss<w>\"rd'\/\u00e9`, `p&ss<w>"rd\'/é`,
		"dTpwJnNzPHc-InJkJy_DqQ", "Basic dTpwJnNzPHc+InJkJy/DqQ==",
	} {
		for contentType, body := range map[string]string{
			"text/plain":       "bad login " + spelling,
			"application/json": `{"kind":"Status","message":"bad login ` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(spelling) + `"}`,
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example", nil)
			require.NoError(t, err)
			req.SetBasicAuth("u", password)
			resp := &http.Response{
				StatusCode: http.StatusUnauthorized, Request: req,
				Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body)),
			}
			assert.Contains(t, readStatus(resp).Error(), "[redacted]", spelling)
			assert.NotContains(t, readStatus(resp).Error(), "ss", spelling)
		}
	}
}
