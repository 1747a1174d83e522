package deliver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

func TestNewAnchoreNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, where := anchoretest.StartTLS(t, anchoretest.Options{})
	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	tests := map[string]struct {
		edit func(*AnchoreOptions)
		says []string
	}{
		"no url":         {func(o *AnchoreOptions) { o.URL = "" }, []string{"anchore.url", "is not set"}},
		"no user":        {func(o *AnchoreOptions) { o.User = "" }, []string{"anchore.user", "is not set"}},
		"no password":    {func(o *AnchoreOptions) { o.Password = "" }, []string{"anchore.password", "is not set"}},
		"nothing":        {func(o *AnchoreOptions) { *o = AnchoreOptions{APIVersion: auto, Compression: auto, TimeoutSeconds: 1} }, []string{"anchore.url: ", "anchore.user: ", "anchore.password: "}},
		"no scheme":      {func(o *AnchoreOptions) { o.URL = "anchore.example.com" }, []string{"anchore.url", `"anchore.example.com"`, "https://"}},
		"port only":      {func(o *AnchoreOptions) { o.URL = "anchore:8228" }, []string{"anchore.url", "https://"}},
		"other scheme":   {func(o *AnchoreOptions) { o.URL = "ftp://h" }, []string{"anchore.url", `"ftp://h"`}},
		"no host":        {func(o *AnchoreOptions) { o.URL = "https://" }, []string{"anchore.url", "no host"}},
		"only a port":    {func(o *AnchoreOptions) { o.URL = "https://:8228/" }, []string{"anchore.url", "no host"}},
		"query":          {func(o *AnchoreOptions) { o.URL = "https://h/?a=b" }, []string{"anchore.url", "query"}},
		"fragment":       {func(o *AnchoreOptions) { o.URL = "https://h/#x" }, []string{"anchore.url", "fragment"}},
		"credentials":    {func(o *AnchoreOptions) { o.URL = "https://robot:s3cret@h" }, []string{"anchore.url", "anchore.password"}},
		"raw password":   {func(o *AnchoreOptions) { o.URL = "https://robot:" + testPassword + "@h" }, []string{"anchore.url"}},
		"without slash":  {func(o *AnchoreOptions) { o.URL = "robot:s3cret@h" }, []string{"anchore.url"}},
		"control":        {func(o *AnchoreOptions) { o.URL = "https://h\n" }, []string{"anchore.url", `https://h\n`}},
		"user and more":  {func(o *AnchoreOptions) { o.User = "robot:s3cret" }, []string{"anchore.user", "colon"}},
		"account":        {func(o *AnchoreOptions) { o.Account = "a\r\nb" }, []string{"anchore.account", `"a\r\nb"`}},
		"version":        {func(o *AnchoreOptions) { o.APIVersion = "v3" }, []string{"anchore.api-version", `"v3"`, "auto, v2, v1, kai"}},
		"compression":    {func(o *AnchoreOptions) { o.Compression = "zstd" }, []string{"anchore.http.compression", `"zstd"`, "auto, gzip, none"}},
		"timeout":        {func(o *AnchoreOptions) { o.TimeoutSeconds = 0 }, []string{"anchore.http.timeout-seconds", "0 is out of range"}},
		"huge timeout":   {func(o *AnchoreOptions) { o.TimeoutSeconds = 1 << 60 }, []string{"anchore.http.timeout-seconds"}},
		"no CA file":     {func(o *AnchoreOptions) { o.CAFile = "/nowhere/ca.pem" }, []string{"anchore.http.ca-file", "/nowhere/ca.pem"}},
		"empty CA file":  {func(o *AnchoreOptions) { o.CAFile = empty }, []string{"anchore.http.ca-file", empty}},
		"no key":         {func(o *AnchoreOptions) { o.ClientCertFile = where.CertFile }, []string{"anchore.http.client-key-file: is not set"}},
		"no certificate": {func(o *AnchoreOptions) { o.ClientKeyFile = where.KeyFile }, []string{"anchore.http.client-cert-file: is not set"}},
		"swapped":        {func(o *AnchoreOptions) { o.ClientCertFile, o.ClientKeyFile = where.KeyFile, where.CertFile }, []string{"anchore.http.client-cert-file"}},
		"missing pair":   {func(o *AnchoreOptions) { o.ClientCertFile, o.ClientKeyFile = "/nowhere/c", "/nowhere/k" }, []string{"/nowhere/c"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options("https://anchore.example.com")
			test.edit(&o)
			_, err := NewAnchore(o, testAgent, nil)
			require.ErrorIs(t, err, settings.ErrInvalid)
			for _, s := range test.says {
				require.ErrorContains(t, err, s)
			}
			assertNoSecret(t, err.Error())
		})
	}
}

func TestNewAnchoreRefusesProxiesThatWouldBeIgnored(t *testing.T) {
	for value, ok := range map[string]bool{
		"": true, "proxy:3128": true, "http://bob:s%23cret@proxy:3128": true, "socks5://proxy": true,
		"http://bob:s3cret#1@proxy:3128": false, "http://bob:s3cret@h\x7f": false, "http://": false,
	} {
		t.Setenv("HTTPS_PROXY", value)
		_, err := NewAnchore(options("https://anchore.example.com"), testAgent, nil)
		if ok {
			require.NoError(t, err, value)
			continue
		}
		require.ErrorIs(t, err, settings.ErrInvalid)
		require.ErrorContains(t, err, "HTTPS_PROXY")
		assertNoSecret(t, err.Error())
	}
}

func TestRedactorKnowsTheSpellingsOfAPassword(t *testing.T) {
	t.Parallel()
	r := transport.NewRedactor(Credentials{testUser, `p"ss wörd/#1`}.secrets()...)
	for _, text := range []string{
		`p"ss wörd/#1`, `p\"ss wörd/#1`, `p%22ss+w%C3%B6rd%2F%231`, `p%22ss%20w%C3%B6rd%2F%231`,
		"cm9ib3Q6cCJzcyB3w7ZyZC8jMQ==",
	} {
		assert.Equal(t, "a [redacted] b", r.Quote("a "+text+" b", transport.MaxWords))
	}
	long := strings.Repeat("x", transport.MaxWords-8) + testPassword
	assert.NotContains(t, transport.NewRedactor(testPassword).Quote(long, transport.MaxWords), "s3")
}
