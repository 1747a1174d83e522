package anchoretest

import "net/http"

// API says which generation of Anchore Enterprise a Receiver plays: the paths of the other generations answer 404.
type API int

const (
	// V2 is Enterprise 5: POST /v2/kubernetes-inventory.
	V2 API = iota
	// V1 is Enterprise 4.8: POST /v1/enterprise/kubernetes-inventory, and KAI's path.
	V1
	// KAI is Enterprise up to 4.6: only POST /v1/enterprise/inventories.
	KAI
)

// Special values of Options.Version; any other value is reported as the API version.
const (
	// VersionAbsent answers 404, as a proxy that routes only the inventory path does.
	VersionAbsent = "absent"
	// VersionGarbage answers 200 and JSON of another shape.
	VersionGarbage = "garbage"
	// VersionPage answers 200 and an HTML login page.
	VersionPage = "page"
)

// Gzip says what a Receiver does with a body sent as Content-Encoding: gzip.
type Gzip int

const (
	// GzipAccept decodes it.
	GzipAccept Gzip = iota
	// GzipRefuse400 takes the compressed bytes for JSON and answers that they are not, as Connexion would.
	GzipRefuse400
	// GzipRefuse415 answers as RFC 9110 section 15.5.16 asks for: 415, and which coding would do.
	GzipRefuse415
	// GzipRefuse500 breaks, as services do that never thought of it.
	GzipRefuse500
)

// Options describe a Receiver. The zero value is an open v2 service that decodes gzip.
type Options struct {
	// Users are the Basic credentials that are let in, name to password. Empty: nobody is asked.
	Users map[string]string
	// Accounts are the values of x-anchore-account that exist. Empty: every account does.
	Accounts []string
	// UnknownAccountStatus answers a report for any other account; 404 when zero. Some releases answer 403.
	UnknownAccountStatus int

	// API is the generation played.
	API API
	// Version is what /version says; when empty, what API implies.
	Version string
	// ServiceVersion is the release in the answer of /version; 5.11.0, the first with integrations, when empty.
	ServiceVersion string
	// BasePath is where the service is mounted ("/api"); empty for the root.
	BasePath string
	// SuccessStatus overrides the documented status of an accepted report.
	SuccessStatus int

	// Gzip is the treatment of compressed bodies.
	Gzip Gzip
	// Faults is the script, as if given to Receiver.Fail.
	Faults []Fault

	// KeepBody is the largest decoded body, in bytes, that Request.Body retains: 64 MiB when zero, none when negative.
	KeepBody int64
	// Discard only counts the bytes of bodies that pass authentication and accepts them unread, for benchmarks.
	Discard bool
	// OnRequest is called, one request at a time, just before a request is answered (or dropped).
	OnRequest func(Request)

	// ClientCert makes StartTLS demand the client certificate that it hands out.
	ClientCert bool
}

const defaultKeepBody = 64 << 20

func (o Options) withDefaults() Options {
	if o.UnknownAccountStatus == 0 {
		o.UnknownAccountStatus = http.StatusNotFound
	}
	if o.ServiceVersion == "" {
		o.ServiceVersion = "5.11.0"
	}
	if o.Version == "" {
		o.Version = "1"
		if o.API == V2 {
			o.Version = "2"
		}
	}
	if o.KeepBody == 0 {
		o.KeepBody = defaultKeepBody
	}
	return o
}
