package kubeconfig

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"stocktake/collector/internal/faultproxy"
)

// answered is what a plugin prints with a status.
func answered(status string) string {
	return `{"apiVersion":"` + execAPI + `","kind":"ExecCredential","status":` + status + `}`
}

func TestParseCredentialTakesWhatPluginsPrint(t *testing.T) {
	t.Parallel()
	cert, key := faultproxy.PEM(t, faultproxy.Certificate(t, "user", time.Now().Add(time.Hour)))
	pair, err := json.Marshal(map[string]string{"clientCertificateData": string(cert), "clientKeyData": string(key)})
	require.NoError(t, err)
	for printed, want := range map[string]string{
		answered(`{"token":"t"}`):                     "t",
		"\ufeff" + answered(`{"token":"t"}`) + "\r\n": "t",
		answered(`{"token":"t\n"}`):                   "t",
		"{\n\t\"kind\": \"ExecCredential\",\n\t\"apiVersion\": \"" + execAPI + "\",\n\t\"status\": {\"token\": \"t\"}\n}": "t",
		"---\nkind: ExecCredential\napiVersion: " + execAPI + "\nstatus:\n  token: t\n":                                   "t",
		answered(`{"token":"t","expirationTimestamp":null}`):                                                              "t",
		answered(`{"token":"t","expirationTimestamp":"2036-01-01T00:00:00.5+02:00"}`):                                     "t",
		answered(`{"token":"t","more":{"of":"it"}}`):                                                                      "t",
		answered(string(pair)): "",
	} {
		c, err := parseCredential([]byte(printed), execAPI)
		require.NoError(t, err, printed)
		assert.Equal(t, want, c.token, printed)
		assert.Equal(t, want == "", c.certificate != nil, printed)
		assert.True(t, c.usable(), printed)
	}
}

func TestParseCredentialSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for printed, says := range map[string]string{ //nolint:gosec // none of them is real
		"":                                 "nothing came on its standard output",
		" \n":                              "nothing came on its standard output",
		"s3cret":                           "neither JSON nor YAML",
		`["s3cret"]`:                       "neither JSON nor YAML",
		`{"token":"s3cret"`:                "neither JSON nor YAML",
		strings.Repeat("x", maxCredential): "more than 1048576 bytes came",
		"s3cret\nmore\n" + answered(`{"token":"t"}`):                                                                "it begins in line 3, and other words come before it",
		`{"kind":"s3cret","apiVersion":"` + execAPI + `"}`:                                                          "an object that is no ExecCredential",
		`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"s3cret"}}`: "of client.authentication.k8s.io/v1beta1, and the kubeconfig asks for " + execAPI,
		`{"kind":"ExecCredential","apiVersion":"s3cret","status":{"token":"s3cret"}}`:                               "an ExecCredential of an unknown version",
		`{"kind":"ExecCredential","status":{"token":"s3cret"}}`:                                                     "an ExecCredential of no version",
		answered(`null`):                     "without a status",
		answered(`{}`):                       "neither a token nor a certificate",
		answered(`{"token":12345678}`):       "status.token is not text",
		answered(`{"token":"s3\u0000cret"}`): "the token it printed holds a line break or another control character",
		answered(`{"token":" "}`):            "the token it printed is empty",
		answered(`{"token":"s3cret","expirationTimestamp":"s3cret"}`):           "an expirationTimestamp that is no time",
		answered(`{"clientKeyData":"s3cret"}`):                                  "one of clientCertificateData and clientKeyData",
		answered(`{"clientCertificateData":"s3cret","clientKeyData":"s3cret"}`): "no pair of a certificate and its key",
	} {
		c, err := parseCredential([]byte(printed), execAPI)
		require.ErrorContains(t, err, says, printed)
		assert.NotContains(t, err.Error(), "s3", printed)
		_ = c
	}
}

// credentialFaults is every error of parseCredential: of what was printed, nothing is
// in it but versions.
var credentialFaults = regexp.MustCompile(`^(it printed no ExecCredential(` +
	` alone: it begins in line \d+, and other words come before it; have the program print nothing else on its standard output` +
	`|: it is neither JSON nor YAML|: nothing came on its standard output|: more than 1048576 bytes came` +
	`|: (apiVersion|kind|spec(\.(interactive|cluster(\.(server|tls-server-name|insecure-skip-tls-verify|certificate-authority-data|proxy-url|disable-compression))?))?|status(\.(expirationTimestamp|token|clientCertificateData|clientKeyData))?) is not (true or false|a list|a group of keys and values|text: put it in quotes))` +
	`|it printed an object that is no ExecCredential(, but a [A-Z][A-Za-z]{0,62} of (no version|an unknown version|([a-z0-9.-]{1,253}/)?v[0-9][a-z0-9]{0,20}))?` +
	`|it printed an ExecCredential of (no version|an unknown version|([a-z0-9.-]{1,253}/)?v[0-9][a-z0-9]{0,20}), and the kubeconfig asks for client\.authentication\.k8s\.io/v1: update the program, or apiVersion in the kubeconfig` +
	`|it printed an ExecCredential (without a status|with neither a token nor a certificate in its status)` +
	`|it printed an expirationTimestamp that is no time of RFC 3339: it is left out where there is none` +
	`|the token it printed (is empty: write the token there|begins with a byte order mark: write the token without|holds a line break or another control character: write the token in one line)` +
	`|it printed one of clientCertificateData and clientKeyData, and not both` +
	`|it printed clientCertificateData and clientKeyData that are no pair of a certificate and its key, in PEM)$`)

// FuzzParseCredential reads what no plugin prints: no panic, no error with a part of
// it, and the same credential whether it is written as JSON or as YAML.
func FuzzParseCredential(f *testing.F) {
	cert, key := faultproxy.PEM(f, faultproxy.Certificate(f, "user", time.Now().Add(time.Hour)))
	f.Add([]byte(answered(`{"token":"t"}`)), "t", "2036-01-01T00:00:00Z", "", "")
	f.Add([]byte("Welcome.\n"+answered(`{"token":7}`)), "a\nb", "never", string(cert), string(key))
	f.Add([]byte("apiVersion: "+execAPI+"\nkind: ExecCredential\nstatus: {token: t}\n"), "é\u0085\u2028\x7f", "", "x", "")
	f.Add([]byte("\ufeff---\n&a [*a]"), "yes", "null", "", "~")
	f.Fuzz(func(t *testing.T, printed []byte, token, expires, cert, key string) {
		if _, err := parseCredential(printed, execAPI); err != nil {
			require.Regexp(t, credentialFaults, err.Error())
		}
		if strings.ContainsFunc(token+expires+cert+key, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) || r == utf8.RuneError }) {
			return // the writer of YAML has no way to say it
		}
		status := map[string]string{"token": token, "clientCertificateData": cert, "clientKeyData": key}
		if expires != "" {
			status["expirationTimestamp"] = expires
		}
		whole := map[string]any{"apiVersion": execAPI, "kind": "ExecCredential", "status": status}
		asJSON, err := json.Marshal(whole)
		require.NoError(t, err)
		asYAML, err := yaml.Marshal(whole)
		require.NoError(t, err)
		ofJSON, errJSON := parseCredential(asJSON, execAPI)
		ofYAML, errYAML := parseCredential(asYAML, execAPI)
		require.Equal(t, errJSON, errYAML, "%s", asYAML)
		if errJSON != nil {
			require.Regexp(t, credentialFaults, errJSON.Error())
			return
		}
		require.Equal(t, strings.TrimSpace(token), ofJSON.token)
		require.Equal(t, ofJSON.token, ofYAML.token)
		require.Equal(t, ofJSON.expires, ofYAML.expires)
		require.Equal(t, ofJSON.certificate == nil, ofYAML.certificate == nil)
	})
}
