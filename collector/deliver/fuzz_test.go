package deliver

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

// FuzzAnswer lets a receiver say what it likes to a delivery. What comes of it is
// a success that the rules allow, or an error that is safe to print.
func FuzzAnswer(f *testing.F) {
	secret := base64.StdEncoding.EncodeToString([]byte(testUser + ":" + testPassword))
	for _, s := range []struct {
		status       int
		header, body string
	}{
		{200, "", ""},
		{201, "Content-Type: application/json\r\n", `[{"a":1}]`},
		{200, "Content-Type: text/html\r\n", "<html><head><title>Sign in</title></head></html>"},
		{204, "", ""},
		{206, "", "{}"},
		{302, "Location: https://evil.example/\x1b[2J\r\n", "moved"},
		{307, "Location: /v2/kubernetes-inventory\r\n", ""},
		{400, "", `{"title":"Bad Request","detail":"'' is not of type json - 'pods.0.node_uid'"}`},
		{400, "", `{"message":"could not decode: ` + testPassword + `","detail":{"a":["\u001b[2J"]}}`},
		{401, "WWW-Authenticate: Basic\r\n", "Authorization: Basic " + secret},
		{403, "", `{"message":"User account not found"}`},
		{404, "", "\x00\x1b\n\u202e\xff"},
		{413, "Content-Length: 5\r\n", "large"},
		{415, "", "gzip"},
		{429, "Retry-After: 1\r\nDate: Fri, 03 May 2024 12:34:13 GMT\r\n", ""},
		{503, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", strings.Repeat("x", 5000)},
		{503, "Retry-After: 99999999999\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"},
		{500, "Content-Length: 999\r\n", "short"},
	} {
		f.Add(s.status, s.header, []byte(s.body))
	}
	body := newBody(f, payload.Anchore, 1)
	f.Fuzz(func(t *testing.T, status int, header string, text []byte) {
		raw := fmt.Sprintf("HTTP/1.1 %03d said\r\n%s\r\n%s", status, header, text)
		code, said, ok := parsedAnswer(raw)
		if !ok {
			return
		}
		receiver := newParrot(t, raw)
		_, err := receiver.Deliver(t.Context(), body)
		if mayCountAsDelivered(code, said) {
			require.NoError(t, err)
			return
		}
		require.Error(t, err)
		assertFitForLog(t, err.Error(), secret)
	})
}

// parsedAnswer is the status and the body as net/http reads them.
func parsedAnswer(raw string) (code int, said []byte, ok bool) {
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw)), nil)
	if err != nil {
		return 0, nil, false
	}
	defer resp.Body.Close() //nolint:errcheck // a string
	said, err = io.ReadAll(resp.Body)
	return resp.StatusCode, said, err == nil && len(said) <= transport.MaxAnswer
}

// mayCountAsDelivered is the rule of the package comment in other words.
func mayCountAsDelivered(code int, said []byte) bool {
	switch code {
	case 200, 201, 202, 204:
		return strings.TrimSpace(string(said)) == "" || json.Valid(said)
	}
	return false
}

func assertFitForLog(t *testing.T, text, secret string) {
	t.Helper()
	// The words, a place to redirect to, and what we say ourselves.
	assert.LessOrEqual(t, len(text), transport.MaxWords+2048)
	assert.True(t, utf8.ValidString(text))
	assert.NotContains(t, text, testPassword)
	assert.NotContains(t, text, secret)
	for _, c := range text {
		assert.True(t, c == ' ' || (c > ' ' && c != 0x7f && (c < 0x80 || c >= 0xa0)), "%q", c)
	}
}

// newParrot is a receiver that gives the same answer to everything, and that is
// asked once in each encoding.
func newParrot(t *testing.T, raw string) *Anchore {
	t.Helper()
	a, err := NewAnchore(options("https://anchore.example"), testAgent, func(Event) {})
	require.NoError(t, err)
	a.client.HTTP.Transport = parrot(raw)
	a.client.retry = transport.RetryPolicy{First: 1, Most: 1, Within: 1}
	return a
}

// parrot is an http.RoundTripper that takes every body and repeats one answer.
type parrot string

func (p parrot) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	return http.ReadResponse(bufio.NewReader(strings.NewReader(string(p))), req)
}

// FuzzVersion reads what answers at the path of the version. One of two paths is
// chosen, and a choice that is only a guess is a warning.
func FuzzVersion(f *testing.F) {
	for _, s := range []string{
		`{"api":{"version":"2"},"service":{"version":"5.11.0"}}`, `{"api":{"version":"0.2.0"}}`, `{"api":{"version":"v1"}}`,
		`{"api":{"version":"-1"}}`, `{"api":{"version":"99999999999999999999"}}`, `{"api":{"version":2}}`, `{}`, `[]`, `<html>`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		a := newParrot(t, "")
		var events []Event
		a.client.report = func(e Event) { events = append(events, e) }
		a.choose("https://anchore.example/version", transport.Answer{Status: 200, Body: said}, nil)
		major, known := apiMajor(said)
		require.Equal(t, known, len(events) == 0, "a guess is told, a finding is not")
		want := pathV2
		if known && major < 2 {
			want = pathV1
		}
		require.Equal(t, want, a.path)
		release := struct{ Service struct{ Version string } }{}
		if json.Unmarshal(said, &release) == nil {
			atLeast(release.Service.Version, integrationsSince)
		}
	})
}
