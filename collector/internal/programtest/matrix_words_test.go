package programtest_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/faultproxy"
)

// The rows about servers that say in an error what they should not: the
// credentials they were shown, in whatever spelling, commands for terminals, lines
// that look like those of a log, and ten megabytes of it.

func wordsTrials() []trial {
	const text, object = "text/plain", "application/json"
	return []trial{
		{"words", "receiver echoes the login", 4, "echo", 0, soon, to(func(s *stage) string { return s.parrot(400, text) })},
		{"words", "receiver echoes the login, as JSON", 4, "echo", 0, soon, to(func(s *stage) string { return s.parrot(400, object) })},
		{"words", "receiver echoes the login, and is away", 5, "echo", 0, soon, withDeadline(to(func(s *stage) string { return s.parrot(503, text) }))},
		{"words", "API server echoes the token", 3, "echo", 0, soon, echoed(403, text)},
		{"words", "API server echoes the token, as JSON", 3, "echo", 0, soon, echoed(403, object)},
		{"words", "API server echoes the token, and is away", 6, "echo", 0, soon, withDeadline(echoed(503, text))},
		{"words", "API server echoes the token of an exec plugin", 3, "echo", 0, soon, func(s *stage) {
			plugged(printing(newToken))(s)
			s.echoes(403, text)
		}},
	}
}

// parrot is a receiver that answers with what it was told.
func (s *stage) parrot(code int, contentType string) string {
	server := httptest.NewServer(parrot(code, contentType)(nil))
	s.Cleanup(server.Close)
	s.shortly()
	return server.URL
}

// echoed is an API server, reached with a token, that answers so.
func echoed(code int, contentType string) func(*stage) {
	return func(s *stage) {
		config := rest.CopyConfig(s.config)
		config.BearerTokenFile = filepath.Join(folderOf(s, map[string]string{"token": oldToken}), "token")
		s.reach(config)
		s.echoes(code, contentType)
	}
}

func (s *stage) echoes(code int, contentType string) {
	always(parrot(code, contentType))(s)
	s.shortly()
}

// shortly demands that errors stay short.
func (s *stage) shortly() {
	s.check = func(got outcome) { assert.LessOrEqual(s, len(got.summary.Reason), 4<<10+300, "bytes of words") }
}

// parrot says back what the request said of itself, in every spelling.
func parrot(code int, contentType string) faultproxy.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := "echo\x1b[2J\n{\"level\":\"info\"}\r\u202e\u009b " + strings.Join(spelled(r.Header.Get("Authorization")), " ") + " "
			filler, times := strings.Repeat("a ", 10_000), 500
			if contentType == "application/json" {
				quoted, _ := json.Marshal(text + filler) // a string always has a form
				text = `{"kind":"Status","apiVersion":"v1","status":"Failure","code":` + strconv.Itoa(code) + `,"message":` + string(quoted) + `}`
				times = 0
			}
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(code)
			_, err := io.WriteString(w, text)
			for range times {
				if err == nil { // the client reads no further than it wants
					_, err = io.WriteString(w, filler)
				}
			}
		})
	}
}

// spelled are the ways in which a header of that value may be written.
func spelled(header string) []string {
	_, shown, _ := strings.Cut(header, " ")
	all := []string{header, shown, url.QueryEscape(shown), url.PathEscape(shown), base64.StdEncoding.EncodeToString([]byte(shown))}
	if login, err := base64.StdEncoding.DecodeString(shown); err == nil {
		_, password, _ := strings.Cut(string(login), ":")
		all = append(all, string(login), password, url.QueryEscape(password), url.PathEscape(password),
			base64.StdEncoding.EncodeToString([]byte(password)), base64.URLEncoding.EncodeToString(login))
	}
	return all
}

// assertNoSecret looks for the passwords and tokens of all tests, which have a
// beginning in common. In base64 that begins in one of three ways, as long as
// nothing is before it; after a user and a colon it is written out.
func assertNoSecret(t testing.TB, where, text string) {
	t.Helper()
	const core = "s3cret"
	hidden := []string{core, "czNjcmV0", base64.StdEncoding.EncodeToString([]byte("robot:" + secret))[:16]}
	for _, spelling := range hidden {
		if i := strings.Index(text, spelling); i >= 0 {
			t.Errorf("%s: %q is in %.200q", where, spelling, text[max(0, i-60):])
		}
	}
}
