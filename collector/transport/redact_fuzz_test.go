package transport_test

import (
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/transport"
)

// FuzzRedact writes the secret in a mixture of encodings, one chosen for each of
// its characters and some for the whole, in between of any text. Whichever way the
// result is decoded then, with decoders that the product does not have, the
// secret is not in it.
func FuzzRedact(f *testing.F) {
	f.Add("bad login ", []byte{0}, []byte{}, "")
	f.Add("a=", []byte{1, 2, 3, 4, 5, 6, 7, 0}, []byte{1, 2}, "&b=c")
	f.Add("Login", []byte{0}, []byte{3}, "==")
	f.Add(`{"Authorization":"Basic `, []byte{0, 3}, []byte{3, 1, 2}, `"}`)
	f.Add("\xff%", []byte{2, 0}, []byte{2, 2}, "\x00\\")
	r := transport.NewRedactor(secret)
	f.Fuzz(func(t *testing.T, before string, single, whole []byte, after string) {
		text := writeEach(secret, single)
		for _, n := range whole[:min(len(whole), 2)] {
			text = writeAll(text, n)
		}
		got := r.Redact(before + text + after)
		if len(before)+len(text)+len(after) < 8<<10 {
			assert.Contains(t, got, transport.Redacted)
		}
		assertUnreadable(t, got, 2)
	})
}

// writeEach writes each character in the form of its number.
func writeEach(text string, forms []byte) string {
	var b strings.Builder
	for i, c := range []rune(text) {
		form := byte(0)
		if len(forms) > 0 {
			form = forms[i%len(forms)]
		}
		switch form % 8 {
		case 0:
			b.WriteRune(c)
		case 1:
			b.WriteString(percent(string(c)))
		case 2:
			b.WriteString(html.EscapeString(string(c)))
		case 3:
			fmt.Fprintf(&b, `\u%04x`, c)
		case 4:
			fmt.Fprintf(&b, `\u%04X`, c)
		case 5:
			fmt.Fprintf(&b, "&#%d;", c)
		case 6:
			fmt.Fprintf(&b, "&#x%X;", c)
		case 7:
			b.WriteString(strings.ToUpper(percent(string(c))))
		}
	}
	return b.String()
}

func writeAll(text string, form byte) string {
	switch form % 4 {
	case 0:
		return html.EscapeString(text)
	case 1:
		return strings.ReplaceAll(strings.ReplaceAll(text, "%", "%25"), "&", "%26")
	case 2:
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	}
	return base64.StdEncoding.EncodeToString([]byte(text))
}

var (
	percents  = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	escapes   = regexp.MustCompile(`\\u[0-9A-Fa-f]{4}|\\["\\/']`)
	base64Run = regexp.MustCompile(`[A-Za-z0-9+/]{8,}`)
)

// assertUnreadable decodes a text in each way, and what comes of it again.
func assertUnreadable(t *testing.T, text string, depth int) {
	t.Helper()
	assert.NotContains(t, text, secret)
	if depth == 0 {
		return
	}
	ways := []string{
		html.UnescapeString(text),
		percents.ReplaceAllStringFunc(text, func(s string) string {
			n, _ := strconv.ParseUint(s[1:], 16, 8)
			return string([]byte{byte(n)})
		}),
		escapes.ReplaceAllStringFunc(text, func(s string) string {
			if s[1] != 'u' {
				return s[1:]
			}
			n, _ := strconv.ParseUint(s[2:], 16, 16)
			return string(rune(n))
		}),
		base64Run.ReplaceAllStringFunc(text, func(s string) string {
			decoded, _ := base64.RawStdEncoding.DecodeString(s[:len(s)/4*4])
			return string(decoded)
		}),
	}
	for _, way := range ways {
		if way != text {
			assertUnreadable(t, way, depth-1)
		}
	}
}
