package deliver

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// AnchoreOptions are the settings of the receiver Anchore Enterprise. Names and defaults are KAI's where KAI has them.
type AnchoreOptions struct {
	URL      string `setting:"anchore.url" holds:"address" doc:"where Anchore Enterprise is, with the path it is mounted at but without that of its API: https://anchore.example.com"`
	User     string `setting:"anchore.user" doc:"name to log in with"`
	Password string `setting:"anchore.password" secret:"true" doc:"password of that user"`
	Account  string `setting:"anchore.account" envDefault:"admin" doc:"whose inventory it is (header x-anchore-account)"`

	// Accounts have credentials of their own, by the account's name. All others are spoken for by User and Password,
	// which may be empty when nobody needs them.
	Accounts map[string]Credentials

	APIVersion string `setting:"anchore.api-version" choices:"auto,v2,v1,kai" envDefault:"auto" doc:"auto asks the service; v2 (Enterprise 5), v1 (4.8), kai (the body and path of KAI, for 4.6 and older)"`

	Insecure       bool   `setting:"anchore.http.insecure" envDefault:"false" doc:"do not verify the certificate of the receiver: whoever is in between can read the password"`
	TimeoutSeconds int    `setting:"anchore.http.timeout-seconds" envDefault:"10" doc:"longest silence: an attempt ends when nothing moves for so long while connecting, sending, or waiting for the answer; not a limit for the whole; doubles after each such attempt, up to 5 minutes"`
	Compression    string `setting:"anchore.http.compression" choices:"auto,gzip,none" envDefault:"auto" doc:"auto sends gzip and, when that is refused, plain JSON; gzip; none"`
	CAFile         string `setting:"anchore.http.ca-file" holds:"file" doc:"PEM file of authorities to trust beside the system's"`
	ClientCertFile string `setting:"anchore.http.client-cert-file" holds:"file" doc:"PEM file of the certificate to log in with"`
	ClientKeyFile  string `setting:"anchore.http.client-key-file" holds:"file" doc:"PEM file of the key to that certificate"`
}

// The values of anchore.api-version and anchore.http.compression.
const (
	auto = "auto"

	apiV2  = "v2"
	apiV1  = "v1"
	apiKAI = "kai"

	compressGzip = "gzip"
	compressNone = "none"
)

// Configured reports whether anything was set that only delivering to Anchore needs.
func (o AnchoreOptions) Configured() bool {
	return o.URL != "" || o.User != "" || o.Password != "" || len(o.Accounts) > 0
}

// Kind is the kind of body that these settings ask for.
func (o AnchoreOptions) Kind() payload.Kind {
	if o.APIVersion == apiKAI {
		return payload.KAI
	}
	return payload.Anchore
}

// check finds what a single value can be wrong about, all of it at once.
func (o AnchoreOptions) check() error {
	return errors.Join(
		given("anchore.url", o.URL),
		o.checkCredentials(),
		CheckAccount("anchore.account", o.Account),
		oneOf("anchore.api-version", o.APIVersion, auto, apiV2, apiV1, apiKAI),
		oneOf("anchore.http.compression", o.Compression, auto, compressGzip, compressNone),
		checkTimeout("anchore.http.timeout-seconds", o.TimeoutSeconds),
	)
}

func given(setting, value string) error {
	if value == "" {
		return settings.Invalid(setting, "is not set: anchore.url, anchore.user and anchore.password are needed to deliver")
	}
	return nil
}

// checkCredentials demands the global ones unless accounts have their own.
func (o AnchoreOptions) checkCredentials() error {
	all := []error{checkUser("anchore.user", o.User)}
	if o.User != "" || o.Password != "" || len(o.Accounts) == 0 {
		all = append(all, given("anchore.user", o.User), given("anchore.password", o.Password))
	}
	for _, account := range slices.Sorted(maps.Keys(o.Accounts)) {
		own, setting := o.Accounts[account], "account-routes."+account
		if !own.isComplete() {
			all = append(all, settings.Invalid(setting, "user and password go together: set both, or neither to use the global ones"))
		}
		all = append(all, checkUser(setting+".user", own.User))
	}
	return errors.Join(all...)
}

// credentials are those to speak for an account with.
func (o AnchoreOptions) credentials(account string) (Credentials, error) {
	if own, ok := o.Accounts[account]; ok {
		return own, nil
	}
	global := Credentials{o.User, o.Password}
	if !global.isComplete() {
		return global, settings.Invalid("anchore.user", "is not set, and account %q has no credentials of its own: give anchore.user and anchore.password, or user and password in account-routes.%s", account, account)
	}
	return global, nil
}

func (o AnchoreOptions) secrets() []string {
	all := Credentials{o.User, o.Password}.secrets()
	for _, own := range o.Accounts {
		all = append(all, own.secrets()...)
	}
	return all
}

// CheckAccount refuses the name of an account that does not arrive as it is in the header that carries it. The setting
// is what the error names.
func CheckAccount(setting, account string) error {
	switch {
	case strings.ContainsFunc(account, unicode.IsControl):
		return settings.Invalid(setting, "%q holds a control character: give the account's name", account)
	case !utf8.ValidString(account):
		return settings.Invalid(setting, "%q is no text in UTF-8: give the account's name", account)
	case strings.TrimSpace(account) != account:
		return settings.Invalid(setting, "%q begins or ends with a space, which a header loses: give the account's name", account)
	}
	return nil
}

func checkTimeout(setting string, value int) error {
	const most = int(24 * time.Hour / time.Second)
	if value < 1 || value > most {
		return settings.Invalid(setting, "%d is out of range: give 1 to %d", value, most)
	}
	return nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func (o AnchoreOptions) security() transport.Security {
	return transport.Security{
		Insecure: o.Insecure,
		CAFile:   o.CAFile,
		CertFile: o.ClientCertFile,
		KeyFile:  o.ClientKeyFile,
		URL:      "anchore.url",
		Prefix:   "anchore.http.",
	}
}

func oneOf(setting, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return settings.Invalid(setting, "%q is not one of %s", value, strings.Join(allowed, ", "))
}
