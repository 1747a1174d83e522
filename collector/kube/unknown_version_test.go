package kube

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestVersionThatIsKeptBack: what is said of the version alone is told from what
// says that nothing else will be answered either.
func TestVersionThatIsKeptBack(t *testing.T) {
	const forbidden = `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"forbidden: User \"collector\" cannot get path \"/version\"","reason":"Forbidden","code":403}`
	for name, test := range map[string]struct {
		code       int
		kind, body string
		unknown    bool
		is         error
		says       string
		requests   int
	}{
		"forbidden":                 {403, "application/json", forbidden, true, ErrRefused, `cannot get path "/version"`, 1},
		"not found, by a front end": {404, "text/plain", "404 page not found", true, ErrUnavailable, "404 Not Found: 404 page not found", 1},
		"a page of HTML":            {200, "text/html", "<html><title>Sign in</title></html>", true, ErrUnavailable, "not the answer of a Kubernetes API", 1},
		"of another service":        {200, "application/json", `{"status":"ok"}`, true, ErrUnavailable, "no version in it", 1},
		"null":                      {200, "application/json", `null`, true, ErrUnavailable, "no version in it", 1},
		"nothing":                   {200, "application/json", ``, true, ErrUnavailable, "not the answer of a Kubernetes API", 1},
		"a number for a text":       {200, "application/json", `{"major":1,"gitVersion":"v1.30.0"}`, true, ErrUnavailable, "major", 1},
		"far too much":              {200, "application/json", `{"major":"1","x":"` + strings.Repeat("x", maxVersion) + `"}`, true, ErrUnavailable, "bytes of other members", 1},
		"a login elsewhere":         {302, "text/html", "", true, ErrUnavailable, "a redirect to https://login.example.com, which is not followed", 1},
		"unauthorized":              {401, "text/plain", "who?", false, ErrRefused, "401 Unauthorized: who?", 2},
		"out of service":            {503, "text/plain", "later", false, ErrUnavailable, "gave up after 4 attempts: 503 Service Unavailable: later", 4},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				assert.Equal(t, "/version", r.URL.Path)
				w.Header().Set("Content-Type", test.kind)
				if test.code == http.StatusFound {
					w.Header().Set("Location", "https://login.example.com/?to=secret")
				}
				w.WriteHeader(test.code)
				_, _ = w.Write([]byte(test.body))
			}))
			version, err := dial(t, frontOf(t, server), usual(500)).Version(t.Context())
			require.ErrorIs(t, err, test.is)
			require.ErrorContains(t, err, test.says)
			require.ErrorContains(t, err, "ask for the version: ")
			if test.unknown {
				require.ErrorIs(t, err, ErrVersionUnknown)
			} else {
				require.NotErrorIs(t, err, ErrVersionUnknown)
			}
			assert.Zero(t, version)
			assert.Equal(t, test.requests, requests)
		})
	}
}

// TestVersionHasAllThatTheServerSays reads the answer of the real server. Since 1.34
// there are members in it that are not of all versions (KEP-4330).
func TestVersionHasAllThatTheServerSays(t *testing.T) {
	cluster := shared.Cluster(t)
	version, err := dial(t, cluster.Config(), usual(500)).Version(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "1", version.Major)
	assert.Equal(t, strconv.Itoa(cluster.Minor()), version.Minor)
	said := map[string]string{}
	for _, other := range version.Others {
		said[other.Name] = string(other.Value)
	}
	if cluster.Minor() < 34 {
		assert.Empty(t, said)
		return
	}
	minor := strconv.Quote(version.Minor)
	assert.Equal(t, map[string]string{
		"emulationMajor": `"1"`, "emulationMinor": minor,
		"minCompatibilityMajor": `"1"`, "minCompatibilityMinor": strconv.Quote(strconv.Itoa(cluster.Minor() - 1)),
	}, said)
}
