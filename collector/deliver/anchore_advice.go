package deliver

import (
	"net/http"
	"strings"

	"stocktake/collector/transport"
)

// adviseAnchore tells the way out of a refusal, where Anchore or a setting has one.
func adviseAnchore(coding *negotiation, e *transport.Error) string {
	switch e.Status {
	case http.StatusUnauthorized:
		return "the user or the password is wrong: see anchore.user and anchore.password"
	case http.StatusForbidden, http.StatusNotFound:
		return adviseAccount(e)
	case http.StatusRequestEntityTooLarge:
		return "set inventory-report-limits.payload-threshold-bytes to send smaller bodies"
	case http.StatusProxyAuthRequired:
		return "put the proxy's user and password into HTTP_PROXY or HTTPS_PROXY"
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		if coding.insists(e) {
			return "set anchore.http.compression=auto if the service does not decode gzip"
		}
	}
	if e.Status < http.StatusBadRequest {
		return "see anchore.url"
	}
	return ""
}

// adviseAccount knows that Enterprise had no path for today's body before 4.8.
func adviseAccount(e *transport.Error) string {
	switch {
	case isAccountUnknown(e):
		return "see anchore.account"
	case e.Status == http.StatusForbidden:
		return "the user may not send inventories for this account: it needs the role inventory-agent there"
	case strings.HasSuffix(e.URL, pathV1):
		return "set anchore.api-version=kai for Anchore Enterprise before 4.8, else mend the path of anchore.url"
	}
	return "mend the path of anchore.url, or set anchore.api-version"
}

// isAccountUnknown tells an account that is not there from a path or a permission that is not.
func isAccountUnknown(e *transport.Error) bool {
	return (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound) &&
		strings.Contains(strings.ToLower(e.Words), "account not found")
}

// failedAtAnchore is failed with the account in mind.
func failedAtAnchore(e *transport.Error) error {
	if e != nil && isAccountUnknown(e) {
		return marked{e, ErrAccountNotFound}
	}
	return failed(e)
}
