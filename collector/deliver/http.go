package deliver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// HTTP delivers to any service that takes a JSON document over HTTP: a collector of the user's own, an object store
// behind a signed URL, a webhook. Deliver may be called concurrently.
type HTTP struct {
	options HTTPOptions
	base    *url.URL
	header  http.Header
	client  *client
	coding  negotiation
}

var _ Receiver = (*HTTP)(nil)

// NewHTTP checks the settings, but asks nobody. The user agent has the form of RFC 9110 section 10.1.5; onEvent may be
// nil, and is called from any goroutine that calls a method.
func NewHTTP(o HTTPOptions, userAgent string, onEvent func(Event)) (*HTTP, error) {
	header, headerErr := o.header()
	if err := errors.Join(o.check(), headerErr); err != nil {
		return nil, err
	}
	base, err := addressOf("deliver.http.url", o.URL)
	if err != nil {
		return nil, err
	}
	c, err := newClient(o.security(), seconds(o.TimeoutSeconds), userAgent, onEvent)
	if err != nil {
		return nil, err
	}
	c.lenient = true
	c.secret = o.Token != "" || o.Password != "" || o.Header != ""
	c.redactor = newRedactor(append(o.secrets(), queryOf(base)...)...)
	h := &HTTP{options: o, base: base, header: header, client: c}
	h.coding.client, h.coding.compression = c, o.Compression
	c.advise = h.advise
	return h, nil
}

// queryOf returns what a query may hold in secret: a signature, a key.
func queryOf(u *url.URL) []string {
	all := []string{u.RawQuery}
	for _, values := range u.Query() {
		all = append(all, values...)
	}
	return all
}

// Kind is the kind of body that the service takes.
func (h *HTTP) Kind() payload.Kind { return payload.Kind(h.options.Kind) }

// Close ends the connections that were kept for the next body.
func (h *HTTP) Close() { h.client.http.CloseIdleConnections() }

// Preflight finds out whether somebody answers at the address, whatever the answer. It sends no credentials. HEAD is
// safe (RFC 9110 section 9.2.1): a service that does not know it changes nothing either.
func (h *HTTP) Preflight(ctx context.Context) error {
	if _, fault := h.meet(ctx); fault != nil {
		return fault
	}
	return nil
}

// meet is preflight. The answer is nil when there was none.
func (h *HTTP) meet(ctx context.Context) (*answer, *Error) {
	h.client.warnInsecure(h.base)
	e := request{method: http.MethodHead, url: h.base.String(), header: http.Header{}}
	said, fault := h.client.ask(ctx, e, false)
	if fault != nil && fault.Status == 0 {
		return said, fault
	}
	return said, nil
}

// Deliver implements Receiver. It tries for as long as ctx lets it, so ctx should have a deadline.
func (h *HTTP) Deliver(ctx context.Context, body *payload.Body) (Receipt, error) {
	began := time.Now()
	if body.Kind != h.Kind() {
		return Receipt{}, fmt.Errorf("%w: deliver.http.kind is %s, the body is of kind %q", settings.ErrInvalid, h.Kind(), body.Kind)
	}
	e := request{method: h.options.Method, url: h.base.String(), header: h.header.Clone()}
	e.header.Set("Content-Type", body.ContentType)
	r := Receipt{Receiver: e.shown(), Account: body.Account}
	fault := h.coding.deliver(ctx, e, body, &r)
	r.Duration = time.Since(began)
	if fault != nil {
		return r, fault
	}
	return r, nil
}

// advise tells the way out of a refusal, where a setting has one.
func (h *HTTP) advise(f *Error) {
	switch f.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		f.Advice = "see deliver.http.token, deliver.http.user and deliver.http.password, or deliver.http.header"
	case http.StatusMethodNotAllowed:
		f.Advice = "see deliver.http.method"
	case http.StatusProxyAuthRequired:
		f.Advice = "put the proxy's user and password into HTTP_PROXY or HTTPS_PROXY"
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		if h.coding.insists(f) {
			f.Advice = "set deliver.http.compression=auto if the service does not decode gzip"
		}
	default:
		if f.Status < http.StatusBadRequest || f.Status == http.StatusNotFound {
			f.Advice = "see deliver.http.url"
		}
	}
}
