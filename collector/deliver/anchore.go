package deliver

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// Anchore delivers to Anchore Enterprise. Preflight comes first and must not run beside others; Deliver may be called
// concurrently.
type Anchore struct {
	client  *client
	options AnchoreOptions
	path    string // of bodies of kind payload.Anchore: pathV2 or pathV1
	coding  *negotiation
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
	coding := &negotiation{setting: "anchore.http.compression", compression: o.Compression}
	c, err := newClient(base, transport.Options{
		Security: o.security(),
		Agent:    userAgent,
		Silence:  seconds(o.TimeoutSeconds),
		Fields:   map[string]string{accountHeader: "anchore.account", "Authorization": "anchore.user"},
		Login:    true,
		Secrets:  o.secrets(),
		Advise:   func(e *transport.Error) string { return adviseAnchore(coding, e) },
	}, onEvent)
	if err != nil {
		return nil, err
	}
	a := &Anchore{client: c, options: o, path: pathV2, coding: coding}
	if o.APIVersion == apiV1 {
		a.path = pathV1
	}
	return a, nil
}

// Kind is the kind of body that the service takes.
func (a *Anchore) Kind() payload.Kind { return a.options.Kind() }

// Close ends the connections that were kept for the next body.
func (a *Anchore) Close() { a.client.HTTP.CloseIdleConnections() }

// Deliver implements Receiver. It tries for as long as ctx lets it, so ctx should have a deadline. The body goes to its
// own account or else to the one of the settings, with the credentials of that account or else the global ones.
func (a *Anchore) Deliver(ctx context.Context, body *payload.Body) (Receipt, error) {
	began := time.Now()
	req, err := a.delivery(body)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Receiver: req.URL, Account: req.Header.Get(accountHeader)}
	e := a.coding.deliver(ctx, a.client, req, body, &r)
	r.Duration = time.Since(began)
	return r, failedAtAnchore(e)
}

const accountHeader = "X-Anchore-Account"

// delivery is the request that brings a body.
func (a *Anchore) delivery(body *payload.Body) (transport.Request, error) {
	paths := map[payload.Kind]string{payload.Anchore: a.path, payload.KAI: pathKAI}
	path, ok := paths[body.Kind]
	if !ok {
		return transport.Request{}, fmt.Errorf("%w: Anchore does not take a body of kind %q", settings.ErrInvalid, body.Kind)
	}
	account := cmp.Or(body.Account, a.options.Account)
	own, err := a.options.credentials(account)
	if err != nil {
		return transport.Request{}, err
	}
	req := a.request(http.MethodPost, path, account, own)
	req.Header.Set("Content-Type", body.ContentType)
	return req, nil
}

// request is one to a path of the API, which says who speaks, and for whom.
func (a *Anchore) request(method, path, account string, own Credentials) transport.Request {
	header := http.Header{"Authorization": {own.basic()}}
	if account != "" {
		header.Set(accountHeader, account)
	}
	return transport.Request{Method: method, URL: a.address(path), Header: header, Retry: a.client.retry, Success: taken()}
}

// version is the request for what the service is, which anybody may know.
func (a *Anchore) version() transport.Request {
	return transport.Request{Method: http.MethodGet, URL: a.address(pathVersion), Retry: hurriedly(), Success: taken()}
}

func (a *Anchore) address(path string) string { return a.client.base.JoinPath(path).String() }
