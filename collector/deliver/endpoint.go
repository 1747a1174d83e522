package deliver

import (
	"net/url"
	"regexp"
	"strings"

	"stocktake/collector/plaintext"
	"stocktake/collector/settings"
)

// The paths of the APIs, below the base.
const (
	pathVersion = "version"
	pathV2      = "v2/kubernetes-inventory"
	pathV1      = "v1/enterprise/kubernetes-inventory"
	pathKAI     = "v1/enterprise/inventories"
)

// apiPath is what people copy along with the base: "https://host/v1" from the settings of older clients, or the whole
// address of the API from its reference.
var apiPath = regexp.MustCompile(`/v[12](/enterprise)?(/kubernetes-inventory|/inventories)?/*$`)

// baseOf reads the address that the API's paths are joined to. Slashes at its end and a path of the API do not matter.
func baseOf(address string) (*url.URL, error) {
	const setting = "anchore.url"
	u, err := addressOf(setting, address)
	if err != nil {
		return nil, err
	}
	if u.RawQuery != "" || u.ForceQuery {
		return nil, settings.Invalid(setting, "%q holds a ?: write https://host/path, without query or fragment", plaintext.Cut(address, 200))
	}
	path := apiPath.ReplaceAllString(u.EscapedPath(), "")
	return u.Parse(u.Scheme + "://" + u.Host + path)
}

// addressOf reads the address of a receiver. Its errors show the address only when there can be no password in it.
func addressOf(setting, address string) (*url.URL, error) {
	shown := `"` + plaintext.Cut(address, 200) + `"`
	if strings.Contains(address, "@") {
		shown = "the address"
	}
	u, err := url.Parse(address)
	switch {
	case address == "":
		return nil, settings.Invalid(setting, "is not set, although other settings of this receiver are")
	case err != nil:
		return nil, settings.Invalid(setting, "%s cannot be read: write https://host/path, percent-encoded where need be", shown)
	case u.User != nil:
		return nil, settings.Invalid(setting, "%s holds a user or a password: give them as %s and %s", shown, sibling(setting, "user"), sibling(setting, "password"))
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, settings.Invalid(setting, "%s does not begin with https:// or http://", shown)
	case u.Hostname() == "":
		return nil, settings.Invalid(setting, "%s names no host: write https://host/path", shown)
	case u.Fragment != "":
		return nil, settings.Invalid(setting, "%s holds a #: write https://host/path, without a fragment", shown)
	}
	return u, nil
}

// sibling is the setting of the same group: of anchore.url and user it is anchore.user.
func sibling(setting, name string) string {
	return strings.TrimSuffix(setting, "url") + name
}
