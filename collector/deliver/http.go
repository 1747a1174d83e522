package deliver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// HTTP delivers to any service that takes a JSON document over HTTP: a collector of the user's own, an object store
// behind a signed URL, a webhook. Deliver may be called concurrently.
type HTTP struct {
	client  *client
	options HTTPOptions
	header  http.Header
	coding  *negotiation
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
	coding := &negotiation{setting: "deliver.http.compression", compression: o.Compression}
	c, err := newClient(base, transport.Options{
		Security: o.security(),
		Agent:    userAgent,
		Silence:  seconds(o.TimeoutSeconds),
		Fields:   o.login().fields("deliver.http."),
		Login:    o.Token != "" || o.Password != "" || o.Header != "",
		Secrets:  append(o.secrets(), queryOf(base)...),
		Advise:   func(e *transport.Error) string { return adviseHTTP(coding, payload.Kind(o.Kind), e) },
	}, onEvent)
	if err != nil {
		return nil, err
	}
	return &HTTP{client: c, options: o, header: header, coding: coding}, nil
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
func (h *HTTP) Close() { h.client.HTTP.CloseIdleConnections() }

// Preflight finds out whether somebody answers at the address, whatever the answer. It sends no credentials. HEAD is
// safe (RFC 9110 section 9.2.1): a service that does not know it changes nothing either.
func (h *HTTP) Preflight(ctx context.Context) error {
	_, e := h.meet(ctx)
	return failed(e)
}

// meet is preflight. Unless there is an error, the answer is whatever came.
func (h *HTTP) meet(ctx context.Context) (transport.Answer, *transport.Error) {
	h.client.warnInsecure()
	return h.client.Do(ctx, transport.Request{Method: http.MethodHead, URL: h.client.base.String(), Retry: hurriedly(), Any: true})
}

// Deliver implements Receiver. It tries for as long as ctx lets it, so ctx should have a deadline.
func (h *HTTP) Deliver(ctx context.Context, body *payload.Body) (Receipt, error) {
	began := time.Now()
	if body.Kind != h.Kind() {
		return Receipt{}, fmt.Errorf("%w: deliver.http.kind is %s, the body is of kind %q", settings.ErrInvalid, h.Kind(), body.Kind)
	}
	req := transport.Request{Method: h.options.Method, URL: h.client.base.String(), Header: h.header.Clone(), Retry: h.client.retry}
	req.Header.Set("Content-Type", body.ContentType)
	if body.Key != "" {
		req.Header.Set(keyHeader, body.Key)
	}
	if body.Kind == payload.K8sCollector {
		req.Success = []int{http.StatusNoContent}
	}
	r := Receipt{Receiver: h.Where(), Account: body.Account}
	e := h.coding.deliver(ctx, h.client, req, body, &r)
	r.Duration = time.Since(began)
	return r, failed(e)
}

// Where implements Prober. The query may hold a secret.
func (h *HTTP) Where() string {
	address, _, _ := strings.Cut(h.client.base.String(), "?")
	return address
}

// Probe implements Prober.
func (h *HTTP) Probe(ctx context.Context, _ Survey, tell func(transport.Finding)) {
	said, took, e := h.client.Probe(ctx, h.client.base, h.meet, "answer, clock", telling(tell))
	if e != nil {
		return
	}
	answered := transport.Finding{
		Verdict: transport.Fine,
		Says:    fmt.Sprintf("answers HEAD without credentials in %s: %s", transport.Brief(took), transport.StatusText(said.Status)),
	}
	if said.Status == http.StatusNotFound {
		answered.Verdict, answered.Advice = transport.Doubt, "see whether the path of deliver.http.url is right"
	}
	tell(answered)
	tell(clockOf(said))
	tell(transport.Finding{Verdict: transport.Unknown, Says: "whether it takes these credentials" + h.coding.unknown() + ": only a delivery tells"})
}

// adviseHTTP tells the way out of a refusal, where a setting has one.
func adviseHTTP(coding *negotiation, kind payload.Kind, e *transport.Error) string {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "see deliver.http.token, deliver.http.user and deliver.http.password, or deliver.http.header"
	case http.StatusRequestEntityTooLarge:
		if kind.Chunked() {
			return "set objects.chunk-bytes to send smaller bodies"
		}
	case http.StatusMethodNotAllowed:
		return "see deliver.http.method"
	case http.StatusProxyAuthRequired:
		return "put the proxy's user and password into HTTP_PROXY or HTTPS_PROXY"
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		if coding.insists(e) {
			return "set deliver.http.compression=auto if the service does not decode gzip"
		}
	case http.StatusNotFound:
		return "see deliver.http.url"
	}
	if e.Status < http.StatusBadRequest {
		return "see deliver.http.url"
	}
	return ""
}
