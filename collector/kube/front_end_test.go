package kube

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFrontEndsAreQuoted: what stands in front of an API server says in its own
// form why it does not let us through.
func TestFrontEndsAreQuoted(t *testing.T) {
	const object, page = "application/json", "text/html; charset=utf-8"
	long, err := json.Marshal(map[string]string{"message": strings.Repeat("long ", 10_000)})
	require.NoError(t, err)
	for name, test := range map[string]struct {
		code       int
		kind, body string
		says       string
	}{
		"Rancher":          {401, object, `{"baseType":"error","code":"Unauthorized","message":"must authenticate","status":401,"type":"error"}`, "401 Unauthorized: must authenticate"},
		"Connect Gateway":  {403, object, `{"error":{"code":403,"message":"Permission 'gkehub.gateway.get' denied","status":"PERMISSION_DENIED"}}`, "403 Forbidden: Permission 'gkehub.gateway.get' denied"},
		"a gateway of AWS": {403, object, `{"Message":"User: anonymous is not authorized"}`, "403 Forbidden: User: anonymous is not authorized"},
		"nginx": {403, "text/html", "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
			`403 Forbidden: a page says "403 Forbidden", which is not of a Kubernetes API`},
		"oauth2-proxy":           {403, page, "<!DOCTYPE html>\n<html lang=\"en\" charset=\"utf-8\">\n<head>\n<title>Sign In &ndash; corp</title>\n</head></html>", `a page says "Sign In – corp"`},
		"OAuth":                  {401, object, `{"error":"invalid_token","error_description":"The token expired"}`, "401 Unauthorized: invalid_token: The token expired"},
		"JSON that says nothing": {403, object, `{"a":1}`, `403 Forbidden: answered with 7 bytes of type "application/json"`},
		"words for a terminal":   {403, object, `{"message":"a\u001b[2J\n{\"level\":\"info\"}\u202e b"}`, "403 Forbidden: a\\x1b[2J {\"level\":\"info\"}\\u202e b"},
		"the same in a title":    {403, page, "<title>a&#27;[2J\n&#x202e;b</title>", `a page says "a\x1b[2J \u202eb"`},
		"a token in it":          {403, object, `{"message":"refused: Bearer s3cret-\u0074oken"}`, "refused: Bearer [redacted]"},
		"a long story":           {403, object, string(long), "403 Forbidden: long long"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.kind)
				w.WriteHeader(test.code)
				_, _ = w.Write([]byte(test.body))
			}))
			config := frontOf(t, server)
			config.BearerToken = "s3cret-token"
			err := dial(t, config, usual(500)).Preflight(t.Context(), Scope{}, podResource())
			require.ErrorIs(t, err, ErrRefused)
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), "s3cret")
			assert.LessOrEqual(t, len(err.Error()), maxStatusWords+200)
			assert.Equal(t, -1, strings.IndexFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }), "nothing that a terminal obeys")
		})
	}
}
