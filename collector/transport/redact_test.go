package transport_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/transport"
)

// secret has a character that each of the encodings treats in a way of its own.
const secret = `p&ss<w>"rd'/é 1?x=+%zz` //nolint:gosec // no real one

// inDecimal is what Go prints of the secret as bytes.
var inDecimal = fmt.Sprintf("%d", []byte(secret))

func basic(encoding *base64.Encoding) string { return encoding.EncodeToString([]byte("u:" + secret)) }

// played are the forms in which secret was seen to come back, and their relatives.
func played() map[string]string {
	inGo, _ := json.Marshal(secret)
	return map[string]string{
		"plain":                       secret,
		"HTML of Python":              `p&amp;ss&lt;w&gt;&quot;rd&#x27;/é 1?x=+%zz`,
		"HTML of Go":                  html.EscapeString(secret),
		"HTML of PHP":                 `p&amp;ss&lt;w&gt;&quot;rd&#039;/&eacute; 1?x=+%zz`,
		"XML":                         `p&#38;ss&lt;w&gt;&quot;rd&apos;/&#xE9; 1?x=+%zz`,
		"HTML without semicolons":     `p&ampss&ltw&gt&quotrd'/é 1?x=+%zz`,
		"HTML twice":                  html.EscapeString(html.EscapeString(secret)),
		"percent in small letters":    `p%26ss%3cw%3e%22rd%27%2f%c3%a9%201%3fx%3d%2b%25zz`,
		"percent with slash":          `p%26ss%3Cw%3E%22rd%27/%C3%A9%201%3Fx%3D%2B%25zz`,
		"percent in Latin-1":          `p%26ss%3Cw%3E%22rd%27/%E9%201%3Fx%3D%2B%25zz`,
		"percent of every byte":       percent(secret),
		"percent twice":               url.QueryEscape(url.PathEscape(secret)),
		"percent three times":         url.QueryEscape(url.QueryEscape(url.QueryEscape(secret))),
		"percent of HTML":             url.QueryEscape(html.EscapeString(secret)),
		"form":                        url.QueryEscape(secret),
		"escape of ECMAScript":        `p%26ss%3Cw%3E%22rd%27/%u00E9%201%3Fx%3D+%25zz`,
		"JSON of Go":                  string(inGo),
		"JSON of Python":              `p&ss<w>\"rd'/\u00e9 1?x=+%zz`,
		"JSON of Node":                `p&ss<w>\"rd'/é 1?x=+%zz`,
		"JSON of PHP":                 `p&ss<w>\"rd'\/\u00e9 1?x=+%zz`,
		"JSON in capitals":            `p\u0026ss\u003Cw\u003E\u0022rd\u0027\u002F\u00E9 1?x=\u002B%zz`,
		"JSON in JSON":                strconv.Quote(string(inGo)),
		"JSON of HTML":                `p\u0026amp;ss\u0026lt;w\u0026gt;\u0026#34;rd\u0026#39;/é 1?x=+%zz`,
		"repr":                        `p&ss<w>"rd\'/é 1?x=+%zz`,
		"repr of bytes":               `b'p&ss<w>"rd\'/\xc3\xa9 1?x=+%zz'`,
		"octal":                       `p&ss<w>"rd'/\303\251 1?x=+%zz`,
		"Go in ASCII":                 strconv.QuoteToASCII(secret),
		"ECMAScript":                  `p\x26ss\x3Cw\x3E"rd\'/\u{e9} 1?x=+%zz`,
		"LDAP":                        `p&ss\3cw\3e\22rd'/\c3\a9 1?x=+%zz`,
		"SQL":                         `p&ss<w>"rd''/é 1?x=+%zz`,
		"CSV":                         `p&ss<w>""rd'/é 1?x=+%zz`,
		"shell":                       `'p&ss<w>"rd'\''/é 1?x=+%zz'`,
		"backslashes of a shell":      `p\&ss\<w\>\"rd\'/é\ 1\?x=+%zz`,
		"quoted-printable":            "p&ss<w>\"rd'/=C3=A9 1?=\r\nx=3D+%zz",
		"Latin-1":                     "p&ss<w>\"rd'/\xe9 1?x=+%zz",
		"UTF-8 as Latin-1":            `p&ss<w>"rd'/Ã© 1?x=+%zz`,
		"UTF-8 as Latin-1 in JSON":    `p&ss<w>\"rd'/\u00c3\u00a9 1?x=+%zz`,
		"ASCII":                       `p&ss<w>"rd'/? 1?x=+%zz`,
		"UTF-16":                      string(wide(secret)),
		"UTF-16 in JSON":              strings.ReplaceAll(fmt.Sprintf("%q", wide(secret)), `\x00`, `\u0000`),
		"base64":                      basic(base64.StdEncoding),
		"base64 without padding":      basic(base64.RawStdEncoding),
		"base64 for URLs":             basic(base64.URLEncoding),
		"base64 for URLs, no padding": basic(base64.RawURLEncoding),
		"base64 of the password":      base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 in a query":           url.QueryEscape(basic(base64.StdEncoding)),
		"base64 twice":                base64.StdEncoding.EncodeToString([]byte("Basic " + basic(base64.StdEncoding))),
		"base64 of JSON":              base64.StdEncoding.EncodeToString([]byte(`{"password":` + string(inGo) + `}`)),
		"base64 of UTF-16":            base64.StdEncoding.EncodeToString(wide(secret)),
		"base64 on lines":             wrap(basic(base64.StdEncoding), 10),
		"base64 after letters":        "Login" + basic(base64.StdEncoding),
		"hexadecimal":                 hex.EncodeToString([]byte(secret)),
		"hexadecimal in capitals":     strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"hexadecimal with blanks":     fmt.Sprintf("% x", secret),
		"bytes of Go":                 fmt.Sprintf("%#v", []byte(secret)),
		"bytes in decimal":            inDecimal,
		"bytes of Python":             strings.ReplaceAll(inDecimal, " ", ", "),
		"in part":                     `p&ss%3Cw&gt;\"rd&#39;/é+1?x=%2B%zz`,
		"cut":                         secret[:15],
	}
}

func wide(s string) []byte {
	var all []byte
	for _, u := range utf16.Encode([]rune(s)) {
		all = append(all, byte(u), byte(u>>8))
	}
	return all
}

func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02x", c)
	}
	return b.String()
}

func wrap(s string, width int) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + "\r\n ")
		s = s[width:]
	}
	return b.String() + s
}

// TestRedactKnowsTheSecretInWhateverFormItComes also looks for what would give
// away a part of it.
func TestRedactKnowsTheSecretInWhateverFormItComes(t *testing.T) {
	t.Parallel()
	r := transport.NewRedactor(secret, basic(base64.StdEncoding), "u:"+secret)
	for name, text := range played() {
		got := r.Redact("bad login " + text)
		assert.Contains(t, got, transport.Redacted, "%s: %q", name, text)
		assert.True(t, strings.HasPrefix(got, "bad login "), "%s: %q", name, got)
		rest := strings.NewReplacer("bad login ", "", transport.Redacted, "", `"`, "", "'", "", "[]byte", "").Replace(got)
		assert.LessOrEqual(t, len(rest), len(`eyJwYXNzd29yZCI6In`)+4, "%s: %q", name, got)
	}
}

func TestRedactLeavesOtherWordsAsTheyAre(t *testing.T) {
	t.Parallel()
	r := transport.NewRedactor(secret, "hunter2", "abc", "", "  ", "x-y z")
	for _, text := range []string{
		"", "abc", "the password is wrong", `{"message":"no","detail":{"why":["a"]}}`, "hunter 2", "Hunter2",
		`<p class="a&b">50% off</p>`, "x-y", "aGVsbG8gd29ybGQ=", "\xff\xfe", strings.Repeat("%25", 100),
	} {
		assert.Equal(t, text, r.Redact(text))
	}
	assert.Equal(t, "a [redacted]!", r.Redact("a hunter2!"))
	assert.Equal(t, "plain", transport.Redactor{}.Redact("plain"))
	assert.Equal(t, "plain", transport.NewRedactor("abc").Redact("plain"))
}

func TestRedactHidesAllOfSecretsThatOverlap(t *testing.T) {
	t.Parallel()
	r := transport.NewRedactor("s3cret", "s3cret-and-more", "more-to-come")
	assert.Equal(t, "a [redacted] b", r.Redact("a s3cret-and-more-to-come b"))
	assert.Equal(t, "[redacted] [redacted]", r.Redact("s3cret s3cret"))
}

// TestRedactIsBoundedInCost gives it what is dear to read. What costs too much is
// hidden as a whole, and never shown.
func TestRedactIsBoundedInCost(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(`\`, 2000)
	for name, text := range map[string]string{
		"backslashes": strings.Repeat(`\`, 1<<20), "percent": strings.Repeat("%25", 1<<19), "entities": strings.Repeat("&amp;", 1<<18),
		"quotes": strings.Repeat(`"`, 1<<20), "base64": strings.Repeat("QUFB", 1<<18), "digits": strings.Repeat("25 ", 1<<19),
		"ampersands": strings.Repeat("&", 1<<20), "hexadecimal": strings.Repeat("5c", 1<<19), "names": "&" + strings.Repeat("a", 1<<20),
	} {
		r := transport.NewRedactor(long, secret, strings.Repeat("A", 3000), strings.Repeat("%", 500), strings.Repeat("&", 500))
		began := time.Now()
		got := r.Redact(text)
		assert.Less(t, time.Since(began), 2*time.Minute, name) // some 0.2 s alone, and 24 s with the race detector on a machine with a load of 30
		assert.NotContains(t, got, long, name)
		t.Log(name, time.Since(began), len(got))
	}
}
