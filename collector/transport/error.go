package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"stocktake/collector/settings"
)

// Kind says whose move it is.
type Kind int

// The kinds of an Error.
const (
	Ours        Kind = iota // content that cannot be read, or a context that ended before the service had failed
	Refused                 // the service does not want it, or not from us: trying again does not help
	Unavailable             // it could not be reached, or could not answer: trying later may help
	Misset                  // a setting is wrong, which settings.ErrInvalid says too
)

// Error is an exchange that failed.
type Error struct {
	URL      string // without its query
	Kind     Kind
	Status   int    // of the last answer, 0 when there was none
	Words    string // what the service said: at most MaxWords bytes, printable, redacted
	Advice   string // the way out, when one is known
	Attempts int    // made so far
	GivenUp  error  // why nothing was tried again although it may help; that of the context when it ended

	cause  error         // beneath the answer: network, TLS, context
	reason string        // cause in printable, redacted words
	again  bool          // trying again may help
	after  time.Duration // how long the service asked to be left alone
}

// Error reads as a path: address, status, the service's words, the cause, the way out.
func (e *Error) Error() string {
	text := e.URL + ": " + e.Brief()
	if e.Advice != "" {
		text += " (" + e.Advice + ")"
	}
	return text
}

// Brief is the error without the address and the way out.
func (e *Error) Brief() string {
	var parts []string
	if e.GivenUp != nil && e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("given up after %d attempts", e.Attempts))
	}
	if e.GivenUp != nil && e.GivenUp.Error() != e.reason {
		parts = append(parts, e.GivenUp.Error())
	}
	if e.Status != 0 {
		parts = append(parts, StatusText(e.Status))
	}
	for _, s := range []string{e.Words, e.reason} {
		if s != "" && s != http.StatusText(e.Status) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}

// Unwrap lets errors.Is and errors.As see the cause and what ended the attempts.
func (e *Error) Unwrap() []error {
	var all []error
	for _, err := range []error{e.cause, e.GivenUp} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

// StatusText is "404 Not Found", or the bare number when it has no name.
func StatusText(code int) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + http.StatusText(code))
}

// unasked is the kind of an error for which nothing was sent.
func unasked(err error) Kind {
	if errors.Is(err, settings.ErrInvalid) {
		return Misset
	}
	return Ours
}

// unreached is what a cause beneath any answer means. Some are none of the network: what a certificate or a proxy's
// refusal caused does not pass by itself.
func (e *Error) unreached(cause error) {
	e.cause, e.Kind, e.again = cause, Unavailable, true
	var refused *ProxyError
	var alert *net.OpError
	switch {
	case errors.As(cause, &refused):
		if !transient(refused.Status) {
			e.Kind, e.again = Refused, false
		}
	case errors.As(cause, &alert) && alert.Op == "remote error":
		e.again = false
		if strings.Contains(alert.Error(), "certificate") {
			e.Kind = Refused // it did not like ours
		}
	case isTLS(cause):
		e.again = false
	}
}

// isTLS says whether two sides that reached each other could not agree. Beside verification, crypto/tls has no types for
// that, but a prefix.
func isTLS(err error) bool {
	var unverified *tls.CertificateVerificationError
	return errors.As(err, &unverified) || errors.Is(err, http.ErrSchemeMismatch) ||
		strings.Contains(err.Error(), "tls: ")
}

// advise tells the way out of a fault of the network, where a setting has one.
func (s Security) advise(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var proxy *ProxyError
	switch {
	case errors.As(err, &unknown):
		return "give the PEM file of the authority as " + s.Prefix + "ca-file"
	case errors.As(err, &name):
		return "use a name of the certificate in " + s.URL
	case errors.Is(err, http.ErrSchemeMismatch):
		return "write http:// in " + s.URL + " if that is meant"
	case errors.As(err, &proxy) && proxy.Status == http.StatusProxyAuthRequired:
		return "put the proxy's user and password into HTTPS_PROXY"
	case isStall(err):
		return "see " + s.Prefix + "timeout-seconds"
	}
	return ""
}
