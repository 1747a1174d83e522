package collector

import (
	"fmt"
	"net/url"
	"strings"
)

// hiddenValue stands where a secret would.
const hiddenValue = "******"

// isAddress says whether the value is an address, in which some write a login or a
// signature although no setting asks for one.
func (s setting) isAddress(value string) bool {
	return strings.Contains(value, "://") || value != "" && (strings.HasSuffix(s.name, ".url") || strings.HasSuffix(s.name, ".server"))
}

// showAddress prints an address without user, password, query and fragment. Where it
// cannot tell which part is which, because a password holds a / or a ?, it prints
// none of it.
func (s setting) showAddress(value string) string {
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
