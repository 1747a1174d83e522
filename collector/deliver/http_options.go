package deliver

import (
	"errors"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// HTTPOptions are the settings of a receiver that takes bodies over HTTP.
type HTTPOptions struct {
	URL    string `setting:"deliver.http.url" holds:"address" doc:"where to send the inventory as a JSON document; a secret does not belong into it but into deliver.http.header"`
	Kind   string `setting:"deliver.http.kind" choices:"stocktake,anchore,kai,objects,k8s-collector" envDefault:"stocktake" doc:"the body to send: stocktake (everything known), anchore (that of anchore-k8s-inventory), kai; with objects.enabled also objects (lines, in chunks), k8s-collector (arrays, as Infralight's collector)"`
	Method string `setting:"deliver.http.method" choices:"POST,PUT" envDefault:"POST" doc:"POST or PUT"`

	Token    string `setting:"deliver.http.token" secret:"true" doc:"bearer token to log in with"`
	User     string `setting:"deliver.http.user" doc:"name to log in with, in place of a token"`
	Password string `setting:"deliver.http.password" secret:"true" doc:"password of that user"`
	Header   string `setting:"deliver.http.header" secret:"true" doc:"one more header, as Name: value"`

	Insecure       bool   `setting:"deliver.http.insecure" envDefault:"false" doc:"do not verify the certificate of the receiver: whoever is in between can read what is sent"`
	TimeoutSeconds int    `setting:"deliver.http.timeout-seconds" envDefault:"10" doc:"longest silence, as anchore.http.timeout-seconds"`
	Compression    string `setting:"deliver.http.compression" choices:"auto,gzip,none" envDefault:"auto" doc:"auto sends gzip and, when that is refused, plain JSON; gzip; none"`
	CAFile         string `setting:"deliver.http.ca-file" holds:"file" doc:"PEM file of authorities to trust beside the system's"`
	ClientCertFile string `setting:"deliver.http.client-cert-file" holds:"file" doc:"PEM file of the certificate to log in with"`
	ClientKeyFile  string `setting:"deliver.http.client-key-file" holds:"file" doc:"PEM file of the key to that certificate"`
}

// Configured reports whether anything was set that only this receiver needs.
func (o HTTPOptions) Configured() bool {
	return o.URL != "" || o.Token != "" || o.User != "" || o.Password != "" || o.Header != ""
}

// check finds what a single value can be wrong about, all of it at once. NewHTTP looks at the URL.
func (o HTTPOptions) check() error {
	return errors.Join(
		checkKind("deliver.http.kind", o.Kind),
		oneOf("deliver.http.method", o.Method, http.MethodPost, http.MethodPut),
		oneOf("deliver.http.compression", o.Compression, auto, compressGzip, compressNone),
		checkTimeout("deliver.http.timeout-seconds", o.TimeoutSeconds),
		o.login().check("deliver.http."),
	)
}

func checkKind(setting, kind string) error {
	return oneOf(setting, kind, string(payload.Stocktake), string(payload.Anchore), string(payload.KAI), string(payload.Objects), string(payload.K8sCollector))
}

func (o HTTPOptions) login() login { return login{o.Token, o.User, o.Password} }

// header are the headers of every request with a body.
func (o HTTPOptions) header() (http.Header, error) {
	const setting = "deliver.http.header"
	all := o.login().header()
	if o.Header == "" {
		return all, nil
	}
	name, value, found := o.splitHeader()
	switch {
	case !found || !headerName.MatchString(name) || value == "" || strings.ContainsFunc(value, isControl):
		return nil, settings.Invalid(setting, "not of the form Name: value")
	case slices.Contains(ownHeaders, name), name == keyHeader && payload.Kind(o.Kind).Chunked():
		return nil, settings.Invalid(setting, "%s is set by what is sent: give another header", name)
	case all.Get(name) != "":
		return nil, settings.Invalid(setting, "%s is given already by deliver.http.token or deliver.http.user: there is one way to log in", name)
	}
	all.Set(name, value)
	return all, nil
}

func (o HTTPOptions) splitHeader() (name, value string, found bool) {
	name, value, found = strings.Cut(o.Header, ":")
	return textproto.CanonicalMIMEHeaderKey(name), strings.TrimSpace(value), found
}

// keyHeader names a chunk to a receiver that may get it again, after an answer that was lost
// (draft-ietf-httpapi-idempotency-key-header). Because of it net/http itself sends a chunk once more when a connection
// that was kept breaks.
const keyHeader = "Idempotency-Key"

// headerName is a token of RFC 9110 section 5.6.2.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// ownHeaders follow from the body and the connection. Those of the connection end at the next hop (RFC 9110 section
// 7.6.1): a proxy obeys or drops them, or a server takes them for an attack.
var ownHeaders = []string{
	"Accept", "Content-Encoding", "Content-Length", "Content-Type", "Host", "User-Agent",
	"Connection", "Expect", "Http2-Settings", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// secrets leaves it to NewHTTP to add what the address holds. A header such as Authorization has a word before the
// secret, which may be played back alone.
func (o HTTPOptions) secrets() []string {
	_, value, _ := o.splitHeader()
	_, last, _ := strings.Cut(value, " ")
	return append(o.login().secrets(), value, last)
}

func (o HTTPOptions) security() transport.Security {
	return transport.Security{
		Insecure: o.Insecure,
		CAFile:   o.CAFile,
		CertFile: o.ClientCertFile,
		KeyFile:  o.ClientKeyFile,
		URL:      "deliver.http.url",
		Prefix:   "deliver.http.",
	}
}
