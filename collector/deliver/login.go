package deliver

import (
	"net/http"
	"strings"

	"stocktake/collector/settings"
)

// login is one of two ways to log in with a service: a bearer token, or a name and a password.
type login struct {
	token, user, password string
}

// check finds what they are wrong about; their settings begin with prefix.
func (l login) check(prefix string) error {
	switch {
	case (l.user == "") != (l.password == ""):
		return settings.Invalid(prefix+"user, "+prefix+"password", "one of them is not set: they go together")
	case l.user != "" && l.token != "":
		return settings.Invalid(prefix+"token, "+prefix+"user", "both are set: there is one way to log in")
	case strings.ContainsFunc(l.token, isControl):
		return settings.Invalid(prefix+"token", "it holds a control character, perhaps the end of a line")
	}
	return checkUser(prefix+"user", l.user)
}

// header has the field Authorization, or nothing.
func (l login) header() http.Header {
	all := http.Header{}
	switch {
	case l.token != "":
		all.Set("Authorization", "Bearer "+l.token)
	case l.user != "":
		all.Set("Authorization", Credentials{l.user, l.password}.basic())
	}
	return all
}

func (l login) secrets() []string {
	return append(Credentials{l.user, l.password}.secrets(), l.token)
}
