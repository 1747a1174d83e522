package deliver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
)

func TestPreflightChoosesThePath(t *testing.T) {
	t.Parallel()
	type fault = anchoretest.Fault
	version := func(body string) fault { return fault{On: "/version", Status: 200, Body: body} }
	tests := map[string]struct {
		version string
		fault   []fault
		path    string
		warns   bool
	}{
		"2":                   {version: "2", path: pathV2},
		"1":                   {version: "1", path: pathV1},
		"0.2.0":               {version: "0.2.0", path: pathV1},
		"2.1":                 {version: "2.1", path: pathV2},
		"3":                   {version: "3", path: pathV2},
		"words":               {version: "two", path: pathV2, warns: true},
		"absent":              {version: anchoretest.VersionAbsent, path: pathV2, warns: true},
		"garbage":             {version: anchoretest.VersionGarbage, path: pathV2, warns: true},
		"page":                {version: anchoretest.VersionPage, path: pathV2, warns: true},
		"not the shape":       {fault: []fault{version(`["2"]`)}, path: pathV2, warns: true},
		"number":              {fault: []fault{version(`{"api":{"version":2}}`)}, path: pathV2, warns: true},
		"empty":               {fault: []fault{{On: "/version", Status: 204}}, path: pathV2, warns: true},
		"401":                 {fault: []fault{{On: "/version", Status: 401}}, path: pathV2, warns: true},
		"elsewhere":           {fault: []fault{{On: "/version", Status: 302, Location: "https://sso.example.com/"}}, path: pathV2, warns: true},
		"503 while it starts": {version: "1", fault: []fault{{On: "/version", Status: 503}, {On: "/version", Kind: anchoretest.Cut}}, path: pathV1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, url := anchoretest.Start(t, anchoretest.Options{Version: test.version, Faults: test.fault, Users: testUsers})
			c := newClientOf(t, url, nil)
			require.NoError(t, c.Preflight(t.Context()))
			assert.Equal(t, test.path, c.path)
			assert.Equal(t, payload.Anchore, c.Kind())
			warned := false
			for _, e := range c.events {
				warned = warned || e.Warning
			}
			assert.Equal(t, test.warns, warned)
			for _, q := range r.Requests() {
				assert.NotContains(t, q.Header, "Authorization")
				assert.NotContains(t, q.Header, accountHeader)
			}
		})
	}
}

func TestPreflightWithAnExplicitVersionTakesAnyAnswer(t *testing.T) {
	t.Parallel()
	for setting, path := range map[string]string{apiV2: pathV2, apiV1: pathV1, apiKAI: pathV2} {
		r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{On: "/version", Status: 503}}})
		c := newClientOf(t, url, func(o *AnchoreOptions) { o.APIVersion = setting })
		require.NoError(t, c.Preflight(t.Context()))
		assert.Equal(t, path, c.path)
		assert.Empty(t, c.messages())
		assert.Len(t, r.Requests(), 1)
	}
}

func TestPreflightWarnsOfInsecureInEveryRun(t *testing.T) {
	t.Parallel()
	_, where := anchoretest.StartTLS(t, anchoretest.Options{})
	for range 2 {
		c := newClientOf(t, where.URL, func(o *AnchoreOptions) { o.Insecure = true })
		require.NoError(t, c.Preflight(t.Context()))
		require.Len(t, c.events, 1)
		assert.True(t, c.events[0].Warning)
		assert.Contains(t, c.events[0].Message, "anchore.http.insecure")
	}
}

// TestPreflightWarnsOfALoginWithoutTLS whatever the address: what listens on loopback
// may be the end of a tunnel.
func TestPreflightWarnsOfALoginWithoutTLS(t *testing.T) {
	t.Parallel()
	_, url := anchoretest.Start(t, anchoretest.Options{})
	for name, test := range map[string]struct {
		url   string
		token string
		warns int
	}{
		"address":          {url, "secret", 1},
		"name":             {strings.Replace(url, "127.0.0.1", "localhost", 1), "secret", 1},
		"without a secret": {url, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var warnings []string
			h, err := NewHTTP(HTTPOptions{URL: test.url, Kind: "stocktake", Token: test.token, Method: "POST", Compression: auto, TimeoutSeconds: 60}, testAgent, func(e Event) {
				if e.Warning {
					warnings = append(warnings, e.Message)
				}
			})
			require.NoError(t, err)
			t.Cleanup(h.Close)
			require.NoError(t, h.Preflight(t.Context()))
			require.Len(t, warnings, test.warns)
			if test.warns > 0 {
				assert.Contains(t, warnings[0], "deliver.http.url begins with http://")
			}
		})
	}
}
