package settings

import (
	"fmt"
	"net/url"
	"strings"
)

// hiddenValue stands where a secret would.
const hiddenValue = "******"

// Show writes a value for people: quoted and short, or hidden when it is a secret.
func (s Setting) Show(value string) string {
	switch {
	case s.Secret && value != "":
		return hiddenValue
	case s.isAddress(value):
		return showAddress(value)
	}
	return showText(value)
}

func showText(value string) string {
	const most = 80
	if len(value) > most {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(value[:most], ""))
	}
	return fmt.Sprintf("%q", value)
}

// isAddress says whether the value is an address, in which some write a login or a
// signature although no setting asks for one.
func (s Setting) isAddress(value string) bool {
	return strings.Contains(value, "://") || value != "" && s.Holds == "address"
}

// showAddress prints an address without user, password, query and fragment. Where it
// cannot tell which part is which, because a password holds a / or a ?, it prints
// none of it.
func showAddress(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		if strings.ContainsAny(value, "@?#") {
			return hiddenValue
		}
		return showText(value)
	}
	secretive := u.User != nil || u.RawQuery != "" || u.Fragment != ""
	if u.User == nil && strings.Contains(value, "@") || strings.Contains(u.Host+u.Path, "@") {
		return hiddenValue
	}
	if !secretive {
		return showText(value)
	}
	plain := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return fmt.Sprintf("%s (without its login and query)", showText(plain.String()))
}
