package deliver

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// Anchore delivers to Anchore Enterprise. Preflight comes first and must not run beside others; Deliver may be called
// concurrently.
type Anchore struct {
	options AnchoreOptions
	base    *url.URL
	path    string // of bodies of kind payload.Anchore: pathV2 or pathV1
	client  *client
	coding  negotiation
}

var _ Receiver = (*Anchore)(nil)

// NewAnchore checks the settings, but asks nobody. The user agent has the form of RFC 9110 section 10.1.5,
// "stocktake/1.2.3"; onEvent may be nil, and is called from any goroutine that calls a method.
func NewAnchore(o AnchoreOptions, userAgent string, onEvent func(Event)) (*Anchore, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	base, err := baseOf(o.URL)
	if err != nil {
		return nil, err
	}
	c, err := newClient(o.security(), seconds(o.TimeoutSeconds), userAgent, onEvent)
	if err != nil {
		return nil, err
	}
	c.redactor = newRedactor(o.secrets()...)
	c.secret = true
	a := &Anchore{options: o, base: base, path: pathV2, client: c}
	a.coding.client, a.coding.compression = c, o.Compression
	c.advise = a.advise
	if o.APIVersion == apiV1 {
		a.path = pathV1
	}
	return a, nil
}

// Kind is the kind of body that the service takes.
func (a *Anchore) Kind() payload.Kind { return a.options.Kind() }

// Close ends the connections that were kept for the next body.
func (a *Anchore) Close() { a.client.http.CloseIdleConnections() }

// Deliver implements Receiver. It tries for as long as ctx lets it, so ctx should have a deadline. The body goes to its
// own account or else to the one of the settings, with the credentials of that account or else the global ones.
func (a *Anchore) Deliver(ctx context.Context, body *payload.Body) (Receipt, error) {
	began := time.Now()
	e, err := a.request(body)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Receiver: e.url, Account: e.header.Get(accountHeader)}
	fault := a.coding.deliver(ctx, e, body, &r)
	r.Duration = time.Since(began)
	if fault != nil {
		return r, fault
	}
	return r, nil
}

const accountHeader = "X-Anchore-Account"

func (a *Anchore) request(body *payload.Body) (request, error) {
	paths := map[payload.Kind]string{payload.Anchore: a.path, payload.KAI: pathKAI}
	path, ok := paths[body.Kind]
	if !ok {
		return request{}, fmt.Errorf("%w: Anchore does not take a body of kind %q", settings.ErrInvalid, body.Kind)
	}
	account := cmp.Or(body.Account, a.options.Account)
	own, err := a.options.credentials(account)
	if err != nil {
		return request{}, err
	}
	header := a.headers(account, own)
	header.Set("Content-Type", body.ContentType)
	return request{method: http.MethodPost, url: a.address(path), header: header}, nil
}

// headers say who speaks, and for whom.
func (a *Anchore) headers(account string, own Credentials) http.Header {
	header := http.Header{"Authorization": {own.basic()}}
	if account != "" {
		header.Set(accountHeader, account)
	}
	return header
}

func (a *Anchore) address(path string) string { return a.base.JoinPath(path).String() }
