package deliver

import (
	"encoding/base64"
	"net/http"
	"strings"
	"unicode"

	"stocktake/collector/settings"
)

// Credentials are a name and a password to log in with.
type Credentials struct {
	User, Password string
}

// isComplete says whether one can log in with them.
func (c Credentials) isComplete() bool { return c.User != "" && c.Password != "" }

// basic is the value of the header Authorization (RFC 7617).
func (c Credentials) basic() string { return "Basic " + c.pair() }

func (c Credentials) pair() string {
	return base64.StdEncoding.EncodeToString([]byte(c.User + ":" + c.Password))
}

// secrets are what must not come up in a log.
func (c Credentials) secrets() []string {
	if c.Password == "" {
		return nil
	}
	return []string{c.pair(), c.User + ":" + c.Password, c.Password}
}

// checkUser knows that Basic authentication ends the name at the first colon (RFC 7617 section 2).
func checkUser(setting, user string) error {
	if strings.Contains(user, ":") {
		return settings.Invalid(setting, "a name must not hold a colon: the password has its own setting")
	}
	return nil
}

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

// fields are the settings that its header comes from.
func (login) fields(prefix string) map[string]string {
	return map[string]string{"Authorization": prefix + "token, " + prefix + "user"}
}

func (l login) secrets() []string {
	return append(Credentials{l.user, l.password}.secrets(), l.token)
}

// isControl leaves out the tabulator, which a value may hold.
func isControl(r rune) bool { return r != '\t' && unicode.IsControl(r) }
