package deliver

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/infralighttest"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

func TestNewInfralightNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(*InfralightOptions)
		says string
	}{
		"no access key": {func(o *InfralightOptions) { o.AccessKey = "" }, "deliver.infralight.access-key: is not set"},
		"no secret key": {func(o *InfralightOptions) { o.SecretKey = "" }, "deliver.infralight.secret-key: is not set"},
		"no scheme":     {func(o *InfralightOptions) { o.Endpoint = "firefly.example.com" }, "deliver.infralight.endpoint"},
		"user":          {func(o *InfralightOptions) { o.Endpoint = "https://robot:s3cret@h" }, "the keys have settings of their own"},
		"query":         {func(o *InfralightOptions) { o.LoginEndpoint = "https://h/?a=s3cret" }, "deliver.infralight.login-endpoint: it holds a ?"},
		"timeout":       {func(o *InfralightOptions) { o.TimeoutSeconds = 0 }, "deliver.infralight.timeout-seconds"},
		"ca file":       {func(o *InfralightOptions) { o.CAFile = "/nowhere/ca.pem" }, "deliver.infralight.ca-file"},
	} {
		o := infralightOptions("https://h")
		test.edit(&o)
		_, err := NewInfralight(o, testAgent, nil)
		require.ErrorIs(t, err, settings.ErrInvalid, name)
		require.ErrorContains(t, err, test.says, name)
		assertNoKey(t, err.Error())
	}
}

// The variables and files of the service's own collector work, also beside ours.
func TestInfralightIsSetAsItsOwnCollectorIs(t *testing.T) {
	t.Parallel()
	type options struct{ Infralight InfralightOptions }
	folder := t.TempDir()
	for name, value := range map[string]string{
		"endpoint": "http://localhost:7777/api/\n", "loginEndpoint": "https://login.example.com\n", "collector.OverrideUniqueClusterId": "true\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(value), 0o600))
	}
	for _, environ := range [][]string{
		{"INFRALIGHT_ACCESS_KEY=" + testAccessKey, "INFRALIGHT_SECRET_KEY=" + testSecretKey},
		{"FIREFLY_ACCESS_KEY=" + testAccessKey + "\n", "FIREFLY_SECRET_KEY=" + testSecretKey + "\n"},
		{"INFRALIGHT_ACCESS_KEY=" + testAccessKey, "INFRALIGHT_SECRET_KEY=" + testSecretKey, "FIREFLY_ACCESS_KEY=" + testAccessKey, "FIREFLY_SECRET_KEY=" + testSecretKey},
		{"STOCKTAKE_DELIVER_INFRALIGHT_ACCESS_KEY=" + testAccessKey, "STOCKTAKE_DELIVER_INFRALIGHT_SECRET_KEY=" + testSecretKey, "INFRALIGHT_SECRET_KEY=other", "FIREFLY_ACCESS_KEY=other"},
	} {
		var o options
		given, err := settings.Load(&o, settings.Sources{Config: folder, Environ: environ})
		require.NoError(t, err)
		assert.Empty(t, given.Warnings)
		assert.Equal(t, InfralightOptions{
			Endpoint: "http://localhost:7777/api/", LoginEndpoint: "https://login.example.com", AccessKey: testAccessKey, SecretKey: testSecretKey,
			Override: true, TimeoutSeconds: 60,
		}, o.Infralight)
		require.NoError(t, o.Infralight.Check())
		where, err := o.Infralight.endpoint()
		require.NoError(t, err)
		assert.Equal(t, "http://localhost:7777/api", where.String())
		for _, kv := range settings.CatalogOf(&o).WithoutSecrets(environ) {
			assertNoKey(t, kv)
		}
	}
	_, err := settings.Load(&options{}, settings.Sources{Config: t.TempDir(), Flags: map[string]string{"deliver.infralight.secret-key": testSecretKey}})
	require.ErrorContains(t, err, "set INFRALIGHT_SECRET_KEY or INFRALIGHT_SECRET_KEY_FILE instead")
}

func TestInfralightIsConfiguredByWhatOnlyItNeeds(t *testing.T) {
	t.Parallel()
	type options struct{ Infralight InfralightOptions }
	var o options
	_, err := settings.Load(&o, settings.Sources{Config: t.TempDir()})
	require.NoError(t, err)
	assert.False(t, o.Infralight.Configured())
	assert.Equal(t, infralightAddress, o.Infralight.Endpoint)
	assert.Equal(t, infralightLoginAddress, o.Infralight.LoginEndpoint)
	assert.False(t, InfralightOptions{}.Configured())
	assert.True(t, InfralightOptions{SecretKey: "x"}.Configured())
	assert.True(t, InfralightOptions{AccessKey: "x"}.Configured())
	assert.True(t, InfralightOptions{Endpoint: "https://h"}.Configured())
	assert.True(t, InfralightOptions{LoginEndpoint: "https://h"}.Configured())
}

// Addresses that older releases of the service's collector had are taken for those of today, as that does.
func TestInfralightKnowsItsFormerAddresses(t *testing.T) {
	t.Parallel()
	for _, former := range []string{"https://gateway.firefly.ai/api", "https://prodapi.infralight.cloud/api/ ", ""} {
		where, err := InfralightOptions{Endpoint: former}.endpoint()
		require.NoError(t, err)
		assert.Equal(t, infralightAddress, where.String())
		where, err = InfralightOptions{LoginEndpoint: former}.loginEndpoint()
		require.NoError(t, err)
		assert.Equal(t, infralightLoginAddress, where.String())
	}
}

func TestInfralightPreflightLogsIn(t *testing.T) {
	t.Parallel()
	s, u := startInfralight(t)
	require.NoError(t, u.Preflight(t.Context()))
	assert.Equal(t, []string{"login"}, s.Steps())

	s, u = startInfralight(t, infralighttest.Fault{Step: infralighttest.Login, Status: 401, Echo: true})
	err := u.Preflight(t.Context())
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, infralightKeys)
	assertNoKey(t, err.Error())
	assert.Len(t, s.Requests(), 1)

	// A token in an answer that is not understood is not repeated either.
	for _, said := range []string{`access_token=t0ken-9`, `{"access_token":"t0ken-9`, `{"token":"t0ken-9"}`, `["t0ken-9"]`, `{"access_token":"t0ken 9"}`} {
		_, u = startInfralight(t, infralighttest.Fault{Step: infralighttest.Login, Status: 200, Body: said})
		err = u.Preflight(t.Context())
		require.ErrorIs(t, err, ErrRefused)
		assertNoKey(t, err.Error())
	}

	synctest.Test(t, func(t *testing.T) {
		s, u := infralightInBubble(t, strictInfralight(slices.Repeat([]infralighttest.Fault{{Step: infralighttest.Login, Status: 503}}, 1000)...))
		began := time.Now()
		require.ErrorIs(t, u.Preflight(t.Context()), ErrUnavailable)
		assert.LessOrEqual(t, time.Since(began), hurry+time.Second)
		assert.Greater(t, len(s.Requests()), 1)
	})
}

func TestInfralightProbeTellsOfTheKeys(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults  []infralighttest.Fault
		verdict transport.Verdict
		says    string
		kind    error
	}{
		"fine":       {nil, transport.Fine, "takes the keys", nil},
		"keys":       {[]infralighttest.Fault{{Step: infralighttest.Login, Status: 403}}, transport.Fault, "403 Forbidden", ErrRefused},
		"login page": {[]infralighttest.Fault{infralighttest.LoginPage(infralighttest.Login)}, transport.Fault, "Sign in", ErrRefused},
		"no token":   {[]infralighttest.Fault{{Step: infralighttest.Login, Status: 200, Body: `{"token":"t0ken-9"}`}}, transport.Fault, "holds no access_token", ErrRefused},
	} {
		s, u := startInfralight(t, test.faults...)
		var found []transport.Finding
		u.Probe(t.Context(), Survey{}, func(f transport.Finding) { found = append(found, f) })
		var seen bool
		for _, f := range found {
			assertNoKey(t, f.Says+f.Advice)
			if f.Verdict == test.verdict && !seen {
				seen = strings.Contains(f.Says, test.says)
				if test.kind != nil && seen {
					require.ErrorIs(t, f.Err, test.kind)
				}
			}
		}
		assert.True(t, seen, "%s: %+v", name, found)
		assert.Equal(t, []string{"login"}, s.Steps())
	}
}
