package transport

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestSaidFindsTheWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{ //nolint:gosec // none of them is real
		``:               ``,
		`plain words`:    ``,
		`404`:            ``,
		`["a"]`:          ``,
		`{"other":1}`:    ``,
		`{"message":""}`: ``,
		`{"baseType":"error","code":"Unauthorized","message":"must authenticate","status":401,"type":"error"}`:      `must authenticate`,
		`{"error":{"code":403,"message":"Permission denied on 'gkehub.gateway.get'","status":"PERMISSION_DENIED"}}`: `Permission denied on 'gkehub.gateway.get'`,
		"[{\n \"error\": {\"code\": 404, \"message\": \"membership not found\", \"details\": []}}]":                 `membership not found`,
		`{"Message":"User is not authorized"}`:                                           `User is not authorized`,
		`{"errors":[{"message":"no Route matched"}]}`:                                    `no Route matched`,
		`{"error":"invalid_token","error_description":"The token expired"}`:              `invalid_token: The token expired`,
		`{"code":403,"error_type":"Forbidden","message":"no","detail":{}}`:               `no`,
		`{"message":"no","detail":{"why":["a"]}}`:                                        `no: {"why":["a"]}`,
		`{"type":"about:blank","title":"Bad Request","detail":"not valid","status":400}`: `Bad Request: not valid`,
		`{"message":5,"title":"Oops"}`:                                                   `Oops`,
		`{"error":{"error":{"error":{"error":{"message":"deep"}}}}}`:                     ``,
		"<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center></body></html>": `403 Forbidden`,
		"\ufeff <!DOCTYPE html><html lang=\"en\"><head><TITLE data-x='1'>\n Sign in\n &middot; Rancher &amp; Co </TITLE>":                                      `Sign in · Rancher & Co`,
		`<html><head><title></title></head><body><h1 class="a">Service <b>Unavailable</b></h1></body></html>`:                                                  `Service Unavailable`,
		`<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`:                                                        `Access Denied`,
		`<!doctype html><p>hello`: ``,
	} {
		assert.Equal(t, want, Said([]byte(body)), body)
	}
}

func TestSaidIsTheBodyWhereItHasNoWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                        ``,
		`{"message":"no"}`:        `no`,
		`{"other":1}`:             `{"other":1}`,
		`["a"]`:                   `["a"]`,
		"plain words\n":           `plain words`,
		`<!doctype html><p>hello`: `<!doctype html><p>hello`,
	} {
		assert.Equal(t, want, said([]byte(body)), body)
	}
}

func FuzzQuote(f *testing.F) {
	const password = "s3cret: #1"
	f.Add("words")
	f.Add("\x1b[31m\n\u202e\xff\uFFFD" + password)
	f.Add(strings.Repeat("ä", MaxWords))
	f.Add(`{"message":"x\ny","detail":{"a":"\u0000"}}`)
	r := NewRedactor(password)
	f.Fuzz(func(t *testing.T, text string) {
		for _, got := range []string{r.Quote(text, MaxWords), r.Quote(said([]byte(text)), MaxWords)} {
			assert.LessOrEqual(t, len(got), MaxWords)
			assert.True(t, utf8.ValidString(got))
			assert.NotContains(t, got, password)
			for _, c := range got {
				assert.True(t, c == ' ' || (c > ' ' && c != 0x7f && (c < 0x80 || c >= 0xa0)), "%q", c)
			}
		}
	})
}
