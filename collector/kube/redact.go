package kube

import (
	"encoding/base64"
	"net/http"
	"strings"

	"stocktake/collector/transport"
)

// redact takes the credentials of a request out of what the server says to it. A
// server that tells them to the log of its client tells them to all who read it.
func redact(words string, request *http.Request) string {
	if request == nil {
		return words
	}
	_, shown, _ := strings.Cut(request.Header.Get("Authorization"), " ")
	login, password := loginIn(shown)
	return transport.NewRedactor(shown, login, password).Redact(words)
}

// loginIn is that of Basic credentials (RFC 7617) and its password, empty when
// they are others.
func loginIn(shown string) (login, password string) {
	decoded, err := base64.StdEncoding.DecodeString(shown)
	if err != nil {
		return "", ""
	}
	_, password, found := strings.Cut(string(decoded), ":")
	if !found {
		return "", ""
	}
	return string(decoded), password
}
