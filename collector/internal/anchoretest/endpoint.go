package anchoretest

import (
	"net/http"
	"strings"
)

// endpoint is one operation of the service.
type endpoint struct {
	method string
	open   bool // without credentials
	serve  func() (answer, error)
}

// endpoint finds what is at the requested path in the API that is played.
func (x *exchange) endpoint() (endpoint, bool) {
	if !strings.HasPrefix(x.req.URL.Path, x.receiver.options.BasePath) {
		return endpoint{}, false
	}
	if x.path == "/version" {
		return endpoint{http.MethodGet, true, x.version}, true
	}
	switch x.receiver.options.API {
	case V2:
		return x.endpointV2()
	case V1, KAI:
		return x.endpointV1()
	}
	return endpoint{}, false
}

func (x *exchange) endpointV2() (endpoint, bool) {
	switch x.path {
	case "/v2/version":
		return endpoint{http.MethodGet, true, x.version}, true
	case "/v2/kubernetes-inventory":
		return endpoint{http.MethodPost, false, x.reportV2}, true
	case "/v2/inventories":
		return endpoint{http.MethodGet, false, x.inventories}, true
	case registrationPath:
		return endpoint{http.MethodPost, false, x.register}, true
	}
	if id, ok := healthReportOf(x.path); ok {
		return endpoint{http.MethodPost, false, func() (answer, error) { return x.healthReport(id) }}, true
	}
	return endpoint{}, false
}

func (x *exchange) endpointV1() (endpoint, bool) {
	switch {
	case x.path == "/v1/enterprise/inventories" && x.req.Method == http.MethodGet:
		return endpoint{http.MethodGet, false, x.inventories}, true
	case x.path == "/v1/enterprise/inventories":
		return endpoint{http.MethodPost, false, x.reportKAI}, true
	case x.path == "/v1/enterprise/kubernetes-inventory" && x.receiver.options.API == V1:
		return endpoint{http.MethodPost, false, x.reportV2}, true
	}
	return endpoint{}, false
}

// reportV2 answers 201 and no body.
func (x *exchange) reportV2() (answer, error) {
	return x.report(readV2, http.StatusCreated)
}

// reportKAI answers 200 and the items made of the report, as far as the body was kept.
func (x *exchange) reportKAI() (answer, error) {
	a, err := x.report(readKAI, http.StatusOK)
	if !a.accepted {
		return a, err
	}
	x.in.note(&x.note)
	a.kind, a.body = "application/json", content(a.status, itemsOf(x.note)).body
	return a, nil
}

// version answers who speaks here. It takes no credentials: collectors ask before they send any.
func (x *exchange) version() (answer, error) {
	o := x.receiver.options
	switch o.Version {
	case VersionAbsent:
		return problem(http.StatusNotFound, "The requested URL was not found on the server."), nil
	case VersionGarbage:
		return content(http.StatusOK, []string{"up"}), nil
	case VersionPage:
		return answer{status: http.StatusOK, kind: "text/html; charset=utf-8", body: []byte(loginPage)}, nil
	}
	return content(http.StatusOK, map[string]any{
		"api":     map[string]string{"version": o.Version},
		"db":      map[string]string{"schema_version": "5110"},
		"service": map[string]string{"version": o.ServiceVersion},
	}), nil
}
