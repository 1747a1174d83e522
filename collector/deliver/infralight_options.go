package deliver

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// InfralightOptions are the settings of the receiver Infralight. The variables and the files endpoint and loginEndpoint
// are those of the service's own collector.
type InfralightOptions struct {
	Endpoint      string `setting:"deliver.infralight.endpoint" alias:"endpoint" holds:"address" envDefault:"https://gateway.firefly.ai" doc:"where Infralight, which is Firefly today, takes objects; it is sent to once there are keys"`
	LoginEndpoint string `setting:"deliver.infralight.login-endpoint" alias:"loginendpoint" holds:"address" envDefault:"https://prod.external.api.infralight.cloud" doc:"where it takes the keys"`

	AccessKey string `setting:"deliver.infralight.access-key" variable:"INFRALIGHT_ACCESS_KEY,FIREFLY_ACCESS_KEY" secret:"true" doc:"access key to log in with"`
	SecretKey string `setting:"deliver.infralight.secret-key" variable:"INFRALIGHT_SECRET_KEY,FIREFLY_SECRET_KEY" secret:"true" doc:"secret key to it"`

	Override bool `setting:"deliver.infralight.override-cluster-uid" alias:"collector.overrideuniqueclusterid" envDefault:"false" doc:"take the place of the cluster that the service knows by this cluster-id, when that was built anew"`

	Insecure       bool   `setting:"deliver.infralight.insecure" envDefault:"false" doc:"do not verify the certificates of the service: whoever is in between can read the keys"`
	TimeoutSeconds int    `setting:"deliver.infralight.timeout-seconds" envDefault:"60" doc:"longest silence, as anchore.http.timeout-seconds"`
	CAFile         string `setting:"deliver.infralight.ca-file" holds:"file" doc:"PEM file of authorities to trust beside the system's"`
}

// The settings that are named in errors.
const (
	infralight         = "deliver.infralight."
	infralightEndpoint = infralight + "endpoint"
	infralightLogin    = infralight + "login-endpoint"
	infralightKeys     = infralight + "access-key and " + infralight + "secret-key"
)

// The addresses of the service, and those that its own collector takes for them because older releases had them for
// their default.
const (
	infralightAddress      = "https://gateway.firefly.ai"
	infralightLoginAddress = "https://prod.external.api.infralight.cloud"
)

var formerInfralightAddresses = []string{"https://gateway.firefly.ai/api", "https://prodapi.infralight.cloud/api"}

// Configured reports whether anything was set that only this receiver needs.
func (o InfralightOptions) Configured() bool {
	return o.AccessKey != "" || o.SecretKey != "" ||
		cmp.Or(o.Endpoint, infralightAddress) != infralightAddress || cmp.Or(o.LoginEndpoint, infralightLoginAddress) != infralightLoginAddress
}

// Check finds what the settings by themselves are wrong about. It looks at no file and asks nobody.
func (o InfralightOptions) Check() error {
	_, endpointErr := o.endpoint()
	_, loginErr := o.loginEndpoint()
	return errors.Join(
		endpointErr,
		loginErr,
		checkKey(infralight+"access-key", o.AccessKey),
		checkKey(infralight+"secret-key", o.SecretKey),
		checkTimeout(infralight+"timeout-seconds", o.TimeoutSeconds),
	)
}

func checkKey(setting, key string) error {
	if key == "" {
		return settings.Invalid(setting, "is not set: %s are needed to deliver", infralightKeys)
	}
	return nil
}

func (o InfralightOptions) endpoint() (*url.URL, error) {
	return infralightBase(infralightEndpoint, cmp.Or(o.Endpoint, infralightAddress), infralightAddress)
}

func (o InfralightOptions) loginEndpoint() (*url.URL, error) {
	return infralightBase(infralightLogin, cmp.Or(o.LoginEndpoint, infralightLoginAddress), infralightLoginAddress)
}

// infralightBase reads the address that paths are joined to.
func infralightBase(setting, address, today string) (*url.URL, error) {
	address = strings.TrimRight(strings.TrimSpace(address), "/")
	for _, former := range formerInfralightAddresses {
		if address == former {
			address = today
		}
	}
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return nil, settings.Invalid(setting, "it holds a user or a password: the keys have settings of their own, %s", infralightKeys)
	}
	u, err := addressOf(setting, address)
	if err == nil && (u.RawQuery != "" || u.ForceQuery) {
		return nil, settings.Invalid(setting, "it holds a ?: write https://host/path, without a query")
	}
	return u, err
}

// client is one for an address of the service, which the setting names.
func (o InfralightOptions) client(setting string, base *url.URL, userAgent string, onEvent func(Event)) (*client, error) {
	return newClient(base, transport.Options{
		Security: transport.Security{Insecure: o.Insecure, CAFile: o.CAFile, URL: setting, Prefix: infralight},
		Agent:    userAgent,
		Silence:  seconds(o.TimeoutSeconds),
		Fields:   map[string]string{"Authorization": infralightKeys},
		Login:    true,
		Secrets:  []string{o.AccessKey, o.SecretKey},
		Advise:   func(e *transport.Error) string { return adviseInfralight(setting, e) },
	}, onEvent)
}

// adviseInfralight tells the way out of a refusal, where there is one. The setting is that of the address.
func adviseInfralight(setting string, e *transport.Error) string {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "see " + infralightKeys
	case http.StatusNotFound:
		return "see " + setting + ", and whether the service knows this cluster-id"
	case http.StatusRequestEntityTooLarge:
		return "set objects.chunk-bytes to send smaller pages, or leave out the type of large objects with objects.remove-types"
	case http.StatusProxyAuthRequired:
		return "put the proxy's user and password into HTTP_PROXY or HTTPS_PROXY"
	}
	if e.Status < http.StatusBadRequest {
		return "see " + setting
	}
	return ""
}
