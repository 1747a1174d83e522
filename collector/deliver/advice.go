package deliver

import (
	"crypto/x509"
	"errors"
	"net/http"
	"strings"

	"stocktake/collector/transport"
)

// adviseNetwork tells the way out of a refusal, where Anchore or a setting has one.
func (a *Anchore) advise(f *Error) { f.Advice = a.adviseStatus(f) }

func (a *Anchore) adviseStatus(f *Error) string {
	switch f.Status {
	case http.StatusUnauthorized:
		return "the user or the password is wrong: see anchore.user and anchore.password"
	case http.StatusForbidden, http.StatusNotFound:
		if strings.Contains(strings.ToLower(f.Words), "account not found") {
			f.kind = ErrAccountNotFound
			return "see anchore.account"
		}
	case http.StatusRequestEntityTooLarge:
		return "set inventory-report-limits.payload-threshold-bytes to send smaller bodies"
	case http.StatusProxyAuthRequired:
		return "put the proxy's user and password into HTTP_PROXY or HTTPS_PROXY"
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		if a.coding.insists(f) {
			return "set anchore.http.compression=auto if the service does not decode gzip"
		}
		return ""
	}
	switch {
	case f.Status == http.StatusForbidden:
		return "the user may not send inventories for this account: it needs the role inventory-agent there"
	case f.Status == http.StatusNotFound:
		return a.adviseNotFound(f)
	case f.Status < http.StatusBadRequest:
		return "see anchore.url"
	}
	return ""
}

// adviseNotFound knows that Enterprise had no path for today's body before 4.8.
func (a *Anchore) adviseNotFound(f *Error) string {
	if strings.HasSuffix(f.Receiver, pathV1) {
		return "set anchore.api-version=kai for Anchore Enterprise before 4.8, else mend the path of anchore.url"
	}
	return "mend the path of anchore.url, or set anchore.api-version"
}

// adviseNetwork tells the way out of a fault of the network, where a setting has one.
func adviseNetwork(s transport.Security, err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var proxy *transport.ProxyError
	switch {
	case errors.As(err, &unknown):
		return "give the PEM file of the authority as " + s.Prefix + "ca-file"
	case errors.As(err, &name):
		return "use a name of the certificate in " + s.URL
	case errors.Is(err, http.ErrSchemeMismatch):
		return "write http:// in " + s.URL + " if that is meant"
	case errors.As(err, &proxy) && proxy.Status == http.StatusProxyAuthRequired:
		return "put the proxy's user and password into HTTPS_PROXY"
	case transport.IsStall(err):
		return "see " + s.Prefix + "timeout-seconds"
	}
	return ""
}
