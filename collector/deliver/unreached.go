package deliver

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"

	"stocktake/collector/transport"
)

// unreached tells which faults of the network are none: what a certificate or a proxy's refusal caused does not
// pass by itself.
func unreached(f *Error) {
	var refused *transport.ProxyError
	var alert *net.OpError
	switch err := f.cause; {
	case errors.As(err, &refused):
		if !transport.Transient(refused.Status) {
			f.kind, f.again = ErrRefused, false
		}
	case errors.As(err, &alert) && alert.Op == "remote error":
		f.again = false
		if strings.Contains(alert.Error(), "certificate") {
			f.kind = ErrRefused // it did not like ours
		}
	case isTLS(err):
		f.again = false
	}
}

// isTLS says whether two sides that reached each other could not agree. Beside verification, crypto/tls has no types for
// that, but a prefix.
func isTLS(err error) bool {
	var unverified *tls.CertificateVerificationError
	return errors.As(err, &unverified) || errors.Is(err, http.ErrSchemeMismatch) ||
		strings.Contains(err.Error(), "tls: ")
}
