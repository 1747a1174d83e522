package settings

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/plaintext"
)

// hidden is what every secret of the fuzz targets below begins with.
const hidden = "s3cret-"

// fuzzEnviron is the environment that settings files may refer to.
var fuzzEnviron = []string{"A=x", "B=", "PASS=" + hidden + "env"}

// FuzzSettingsFile reads a settings file from its bytes to the structs. It ends
// in values or in an error about the settings; a folder with the same values
// says the same; and no secret is printed.
func FuzzSettingsFile(f *testing.F) {
	for _, s := range []string{
		"", "quiet: true", "a: b", "quiet: yes\nquiet: no", "a: &x {b: *x}", "? {a: b}\n: c", "quiet: !!binary AA==", "\ufeffquiet: true\r\n",
		"- a", "output: |\n table\n", "{anchore: {http: {insecure: true}}}", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]",
		"anchore:\n  url: https://a.example\n  user: u\n  password: " + hidden + "1\n  http: {timeout-seconds: 5}\n",
		"anchore: {password: $PASS, user: ${A}, url: $MISSING}", "anchore.password: [" + hidden + "2]", "anchore: {password: {a: " + hidden + "3}}",
		"namespace-selectors:\n  include: [a, 'b,c']\n  exclude:\n  - ^kube-.*$$\n", "kubernetes:\n  request-batch-size: " + hidden + "4\n",
		"account-routes:\n  team:\n    user: u\n    password: " + hidden + "5\n    namespaces: [a, ^b.*$$]\n", "deadline: 1e9s\n", "deadline: -1m",
		"kubeconfig: {user: {token: " + hidden + "6, private-key: 'x\n\n  y'}}", "mode: periodic\npolling-interval-seconds: 5", "quiet: ~", "\"\\x1b[2J\": 1",
	} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, "settings.yaml")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		l, err := load(Sources{Config: path, Environ: fuzzEnviron})
		requireSettingsError(t, err)
		if bytes.ContainsAny(text, "$") || bytes.Contains(text, []byte(hidden)) {
			assertNothingHiddenIsPrinted(t, Sources{Config: path, Environ: fuzzEnviron}, l)
		}
		if err != nil {
			return
		}
		folder, fits := asFolder(t, l)
		if !fits {
			return
		}
		same, err := load(Sources{Config: folder})
		require.NoError(t, err)
		require.Equal(t, l.options, same.options)
	})
}

// FuzzSettingsFolder reads one file of a mounted ConfigMap: its bytes are the
// value, or there is an error about the settings.
func FuzzSettingsFolder(f *testing.F) {
	for name, value := range map[string]string{
		"quiet": "true\n", "QUIET": "yes", "deadline": "5m\r\n", "anchore.password": hidden + "1\n", "KAI_ANCHORE_PASSWORD": hidden + "2",
		"namespace-selectors.include": "a\nb,c\n", "account-routes": "team: {namespaces: [a]}", "a.yaml": "a: b", "..data": "x", "quiet~": "x",
		"output": "\xff\x00", "kubernetes.request-batch-size": "99999999999999999999", "log.level": "\ufeffdebug", "anchore.user": "\xff\xfeu\x00\n\x00", "mode": "adhoc", "\x1b[2J": "",
	} {
		f.Add(name, []byte(value))
	}
	f.Fuzz(func(t *testing.T, name string, value []byte) {
		dir := t.TempDir()
		if name != filepath.Base(name) || os.WriteFile(filepath.Join(dir, name), value, 0o600) != nil {
			return // no name that a file can have
		}
		l, err := load(Sources{Config: dir})
		requireSettingsError(t, err)
		if bytes.Contains(value, []byte(hidden)) {
			assertNothingHiddenIsPrinted(t, Sources{Config: dir}, l)
		}
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(l.Values), 1)
		for _, v := range l.Values {
			text, err := plaintext.Decode(value)
			require.NoError(t, err)
			rest, found := strings.CutPrefix(string(text), v.Text)
			require.True(t, found)
			require.Contains(t, []string{"", "\n", "\r", "\r\n"}, rest)
		}
	})
}

// requireSettingsError requires that an error is one about the settings, and
// of lines that a terminal can be trusted with.
func requireSettingsError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	require.ErrorIs(t, err, ErrInvalid)
	for _, r := range err.Error() {
		require.True(t, r == '\n' || unicode.IsPrint(r), "%q holds %U", err, r)
	}
}

// assertNothingHiddenIsPrinted looks for the secrets, and only those that were
// given as one: whoever writes a password into the name of a cluster has told it.
func assertNothingHiddenIsPrinted(t *testing.T, from Sources, l loaded) {
	t.Helper()
	for _, s := range CatalogOf(options{}) {
		if v := l.Values[s.Name]; !s.Secret && strings.Contains(v.Text, hidden) {
			return
		}
	}
	_, err := load(from)
	var out bytes.Buffer
	require.NoError(t, l.WriteTable(&out, CatalogOf(options{})))
	assert.NotContains(t, out.String(), hidden)
	for _, s := range CatalogOf(options{}) {
		if v, ok := l.Values[s.Name]; ok && s.Secret && strings.HasPrefix(v.Text, hidden) && err != nil {
			assert.NotContains(t, err.Error(), v.Text)
		}
	}
}

// asFolder writes the values as a folder with one file for each. It cannot hold
// what a file would lose: the last end of a line, and bytes that are no text.
func asFolder(t *testing.T, l loaded) (dir string, fits bool) {
	t.Helper()
	dir = t.TempDir()
	for name, v := range l.Values {
		if strings.ContainsAny(v.Text, "\x00\r") || marked(v.Text) {
			return "", false
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(v.Text+"\n"), 0o600))
	}
	return dir, true
}

// marked reports whether a text begins with a byte order mark.
func marked(text string) bool {
	return strings.HasPrefix(text, "\ufeff") || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff")
}
