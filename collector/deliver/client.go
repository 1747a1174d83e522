package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// maxPatience limits how long an answer is waited for after others did not come in time.
const maxPatience = 5 * time.Minute

// client carries bodies to a receiver over HTTP, again and again if need be.
type client struct {
	http     *http.Client
	agent    string
	patience time.Duration // longest silence
	policy   transport.RetryPolicy
	grace    time.Duration // for a reset after the answer to a body
	redactor redactor
	security transport.Security
	advise   func(*Error) // completes what is known of a refusal from knowing the receiver
	report   func(Event)
	lenient  bool // every 2xx is a success
	secret   bool // there is a login to send
}

// newClient returns one that follows the settings. Its owner may put advise in.
func newClient(s transport.Security, patience time.Duration, agent string, onEvent func(Event)) (*client, error) {
	httpClient, err := transport.NewClient(s, patience)
	if err != nil {
		return nil, err
	}
	if onEvent == nil {
		onEvent = func(Event) {}
	}
	return &client{
		http:     httpClient,
		agent:    agent,
		patience: patience,
		policy:   transport.RetryPolicy{First: 250 * time.Millisecond, Most: 30 * time.Second},
		grace:    transport.ResetGrace,
		redactor: newRedactor(),
		security: s,
		advise:   func(*Error) {},
		report:   onEvent,
	}, nil
}

// request is one request and what is known of it.
type request struct {
	method  string
	url     string
	header  http.Header
	content *content // nil when there is no body
	// take reads the answer of success while it arrives, in place of keeping its beginning. May be nil.
	take func(io.Reader) error
	// blames says whether the encoding of the content may be why attempt n failed; the same bytes are not tried again
	// then. May be nil.
	blames func(n int, f *Error) bool
}

// shown is the address without its query, which may hold a secret.
func (e request) shown() string {
	address, _, _ := strings.Cut(e.url, "?")
	return address
}

// outcome is what Receipt wants to know.
type outcome struct {
	attempts int
	status   int
	sent     int64
}

// send delivers until the content is taken or cannot be. After a silence the next attempt is twice as patient: to send
// a report again that the receiver is still storing would keep it from ever finishing.
func (c *client) send(ctx context.Context, e request) (outcome, *Error) {
	var out outcome
	patience := c.patience
	fault := retry(ctx, c.policy, func(n int) *Error {
		a, sent, fault := c.attempt(ctx, e, patience)
		out = outcome{attempts: n, sent: sent}
		if a != nil {
			out.status = a.status
		}
		if fault == nil {
			return nil
		}
		if e.blames != nil && e.blames(n, fault) {
			fault.coding, fault.again = true, false
		}
		if transport.IsStall(fault) {
			patience = min(2*patience, max(maxPatience, c.patience))
		}
		return fault
	}, c.waiting)
	return out, fault
}

// waiting tells that there will be another attempt.
func (c *client) waiting(fault *Error, wait time.Duration) {
	c.report(Event{Receiver: fault.Receiver, Message: "trying again", Err: fault, Wait: wait})
}

// attempt makes one request. The answer is returned with the fault when there was one; sent counts bytes of the body.
func (c *client) attempt(ctx context.Context, e request, patience time.Duration) (*answer, int64, *Error) {
	inner, watch := transport.WatchStall(ctx, patience)
	up := &upload{progress: watch.Progress}
	defer up.end()
	defer watch.Stop()
	left := transport.NewDeparture(c.grace)
	if e.content != nil {
		inner = httptrace.WithClientTrace(inner, left.Trace())
	}
	req, err := c.newRequest(inner, e, up)
	if err != nil {
		return nil, 0, &Error{Receiver: e.shown(), cause: err, reason: c.redactor.clean(err.Error())}
	}
	if err := checkHeader(c.security, req.Header); err != nil {
		return nil, 0, &Error{Receiver: e.shown(), kind: settings.ErrInvalid, cause: err, reason: c.redactor.clean(err.Error())}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, up.sent.Load(), c.unanswered(ctx, e, up, watch.Explain(err))
	}
	defer resp.Body.Close() //nolint:errcheck // nothing depends on the rest of an answer
	if e.take != nil && resp.StatusCode == http.StatusOK {
		return &answer{status: resp.StatusCode}, 0, c.readStreamed(ctx, e, up, watch, resp)
	}
	a, err := read(resp, watch.Reader(resp.Body))
	if err != nil && a.succeeded(c.lenient) {
		return nil, up.sent.Load(), c.unanswered(ctx, e, up, fmt.Errorf("the answer broke off: %w", watch.Explain(err)))
	}
	sent := up.sent.Load()
	if e.content != nil && a.succeeded(c.lenient) {
		if why := missing(e, sent, left); why != "" {
			early := fmt.Errorf("it answered %s before it had the whole body: %s", resp.Status, why)
			return nil, sent, c.unanswered(ctx, e, up, early)
		}
	}
	return a, sent, c.judge(e, a)
}

// missing says what of the body had not left when it was answered, empty when nothing is known to be missing.
func missing(e request, sent int64, left *transport.Departure) string {
	if sent < e.content.size {
		return fmt.Sprintf("%d of %d bytes", sent, e.content.size)
	}
	return left.Fault()
}

func (c *client) newRequest(ctx context.Context, e request, up *upload) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, e.method, e.url, nil)
	if err != nil {
		return nil, err
	}
	req.Header = e.header.Clone()
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Accept", "application/json")
	if e.content == nil {
		return req, nil
	}
	up.content = *e.content
	if up.content.encoding != Identity {
		req.Header.Set("Content-Encoding", up.content.encoding)
	}
	req.ContentLength = up.content.size
	req.GetBody = up.reader
	req.Body, err = up.reader()
	return req, err
}

// judge returns nil for an answer of success.
func (c *client) judge(e request, a *answer) *Error {
	if a.delivered(c.lenient) {
		return nil
	}
	f := &Error{Receiver: e.shown(), Status: a.status, Words: c.redactor.clean(said(a.body)), kind: ErrRefused}
	switch {
	case a.status < http.StatusMultipleChoices:
		f.reason = "not the answer of the API but of a login page or a proxy in between"
	case a.status < http.StatusBadRequest:
		f.reason = "redirects to " + c.redactor.cleanTo(maxPlace, a.header.Get("Location"))
	case transport.Transient(a.status):
		f.kind, f.again, f.after = ErrUnavailable, true, transport.RetryAfter(a.header)
	}
	c.advise(f)
	return f
}

// unanswered is the fault when no answer came.
func (c *client) unanswered(ctx context.Context, e request, up *upload, err error) *Error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // without the method and the URL
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("the connection was closed before an answer came: %w", err)
	}
	f := &Error{Receiver: e.shown(), kind: ErrUnavailable, cause: err, again: true}
	if broken := up.broken(); broken != nil && ctx.Err() == nil {
		f.kind, f.again, f.cause = nil, false, fmt.Errorf("read the body: %w", broken)
	} else {
		unreached(f)
	}
	f.reason = c.redactor.clean(f.cause.Error())
	f.Advice = adviseNetwork(c.security, f.cause)
	return f
}
