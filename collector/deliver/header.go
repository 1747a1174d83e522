package deliver

import (
	"net/http"
	"slices"
	"strings"

	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// checkHeader finds what net/http would not send. It would say so only when it has connected, as if the network had
// failed; it is the setting that must change.
func checkHeader(s transport.Security, header http.Header) error {
	for name, values := range header {
		if slices.ContainsFunc(values, hasControl) {
			return settings.Invalid(settingOf(s, name), "the header %s would hold a control character, which no header can", name)
		}
	}
	return nil
}

// hasControl reports bytes that RFC 9110 section 5.5 forbids in the value of a header.
func hasControl(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// settingOf is where a header comes from.
func settingOf(s transport.Security, header string) string {
	switch {
	case header == accountHeader:
		return "anchore.account"
	case header == "Authorization" && s.URL == "anchore.url":
		return "anchore.user"
	case header == "Authorization":
		return s.Prefix + "token, " + s.Prefix + "user"
	}
	return s.Prefix + "header"
}
