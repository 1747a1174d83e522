package kube

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// shortest is the length of what is taken for a secret: to cut less out of words
// would tear holes into them and hide nothing.
const shortest = 4

// hush takes the credentials of a request out of what the server says to it. A
// server that tells them to the log of its client tells them to all who read it.
func hush(words string, request *http.Request) string {
	if request == nil {
		return words
	}
	_, shown, _ := strings.Cut(request.Header.Get("Authorization"), " ")
	var pairs []string
	for _, secret := range []string{shown, passwordIn(shown)} {
		if len(secret) < shortest {
			continue
		}
		for _, spelling := range spellings(secret) {
			pairs = append(pairs, spelling, "[redacted]")
		}
	}
	return strings.NewReplacer(pairs...).Replace(words)
}

// passwordIn is that of Basic credentials (RFC 7617), empty when they are others.
func passwordIn(shown string) string {
	login, err := base64.StdEncoding.DecodeString(shown)
	if err != nil {
		return ""
	}
	_, password, _ := strings.Cut(string(login), ":")
	return password
}

// spellings are the forms in which a secret may be played back.
func spellings(secret string) []string {
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}
