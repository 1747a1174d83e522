package deliver

import (
	"errors"
	"fmt"
	"net/http"

	"stocktake/collector/transport"
)

// Infralight delivers whole objects to the service of that name, which is called Firefly today.
//
// What is known of the service is what its own collector does, whose sources are public: the repositories
// infralight/k8s-collector, of 2022, and gofireflyio/k8s-collector, of the years after it. This receiver follows them, and
// was not tried against the service itself.
//
// The keys are given for a token (login). The service is told that a fetching begins, as it calls a run (start), and says
// whether it wants one now, and trees with it. Then come the releases of Helm with the types that the cluster has, the
// trees, and the objects, in pages of about a megabyte, each of which it answers with 204. A last request, the lock, says
// that all pages were sent. Until then the service has the objects of the run before. How the run went is told in the end
// (metadata), for the people of the service.
//
// The service's own collector loses pages: what it sends again is empty, a lock that failed is no failure to it, and the
// types are sent only beside releases. Here a page that is sent again is the same bytes, the lock is sent when every page
// was taken and at no other time, a run whose lock was not taken has failed, and the types are always sent.
//
// Methods may be called concurrently.
type Infralight struct {
	options InfralightOptions
	keys    *client // of the login
	api     *client
}

// NewInfralight checks the settings and reads their files, but asks nobody. The user agent has the form of RFC 9110
// section 10.1.5; onEvent may be nil, and is called from any goroutine, also of several at once.
func NewInfralight(o InfralightOptions, userAgent string, onEvent func(Event)) (*Infralight, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	i := &Infralight{options: o}
	endpoint, endpointErr := o.endpoint()
	login, loginErr := o.loginEndpoint()
	if err := errors.Join(endpointErr, loginErr); err != nil {
		return nil, err
	}
	var err error
	if i.keys, err = o.client(infralightLogin, login, userAgent, onEvent); err != nil {
		return nil, err
	}
	i.api, err = o.client(infralightEndpoint, endpoint, userAgent, onEvent)
	return i, err
}

// Close ends the connections that were kept.
func (i *Infralight) Close() {
	i.keys.HTTP.CloseIdleConnections()
	i.api.HTTP.CloseIdleConnections()
}

// strange is the error of an answer that has the status of success and is not what the service says.
func strange(where string, said transport.Answer, why error) error {
	return marked{fmt.Errorf("%s: %s: %w", where, transport.StatusText(said.Status), why), ErrRefused}
}

// jsonContent says that a body is a JSON document.
func jsonContent() http.Header { return http.Header{"Content-Type": {"application/json"}} }
