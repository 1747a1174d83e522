package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"time"
)

// Client has exchanges with one service. It may be used concurrently.
type Client struct {
	HTTP *http.Client // with connections of its own, which CloseIdleConnections ends

	options  Options
	redactor Redactor
	grace    time.Duration // for a reset after the answer to a body
}

// NewClient checks the settings and reads their files, but asks nobody.
func NewClient(o Options) (*Client, error) {
	h, err := newHTTPClient(o.Security, o.Silence)
	if err != nil {
		return nil, err
	}
	if o.Advise == nil {
		o.Advise = func(*Error) string { return "" }
	}
	if o.Waiting == nil {
		o.Waiting = func(*Error, time.Duration) {}
	}
	return &Client{HTTP: h, options: o, redactor: NewRedactor(o.Secrets...), grace: resetGrace}, nil
}

// Knowing returns the client with more secrets to keep: a token that the service gave. Both have the same connections.
func (c *Client) Knowing(secrets ...string) *Client {
	knowing := *c
	knowing.options.Secrets = slices.Concat(c.options.Secrets, secrets)
	knowing.redactor = NewRedactor(knowing.options.Secrets...)
	return &knowing
}

// Doubts are what is not secure about an address; they are worth a warning in every run.
func (c *Client) Doubts(base *url.URL) []string { return c.options.doubts(base, c.options.Login) }

// attempt makes one request. The answer has what came, also when there is an error.
func (c *Client) attempt(ctx context.Context, r Request, silence time.Duration) (a Answer, e *Error) {
	inner, watch := watchStall(ctx, silence)
	up := &upload{progress: watch.progress}
	defer up.end()
	defer watch.stop()
	left := newDeparture(c.grace)
	if r.Content != nil {
		inner = httptrace.WithClientTrace(inner, left.trace())
	}
	req, err := c.newRequest(inner, r, up)
	if err != nil {
		return Answer{}, &Error{URL: r.shown(), Kind: unasked(err), cause: err, reason: c.redactor.Quote(err.Error(), MaxWords)}
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return Answer{Sent: up.sent.Load()}, c.unanswered(ctx, r, up, watch.explain(err))
	}
	defer resp.Body.Close() //nolint:errcheck // nothing depends on the rest of an answer
	a = Answer{Status: resp.StatusCode, Header: resp.Header}
	if r.Read != nil && a.succeeded(r) {
		return a, c.stream(ctx, r, up, watch, resp)
	}
	err = a.receive(watch.reader(resp.Body))
	a.Sent = up.sent.Load()
	if !a.succeeded(r) {
		return a, c.judge(r, a)
	}
	if err != nil {
		return Answer{Sent: a.Sent}, c.unanswered(ctx, r, up, fmt.Errorf("the answer broke off: %w", watch.explain(err)))
	}
	if why := missing(r, a.Sent, left); why != "" {
		return Answer{Sent: a.Sent}, c.unanswered(ctx, r, up, fmt.Errorf("it answered %s before it had the whole body: %s", resp.Status, why))
	}
	return a, c.judge(r, a)
}

// missing says what of the content had not left when it was answered, empty when nothing is known to be missing.
func missing(r Request, sent int64, left *departure) string {
	switch {
	case r.Content == nil:
		return ""
	case sent < r.Content.Size:
		return fmt.Sprintf("%d of %d bytes", sent, r.Content.Size)
	}
	return left.fault()
}

func (c *Client) newRequest(ctx context.Context, r Request, up *upload) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		return nil, err
	}
	maps.Copy(req.Header, r.Header)
	req.Header.Set("User-Agent", c.options.Agent)
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	if r.Read != nil {
		req.Header.Set("Accept-Encoding", Gzip) // ours to unpack then, so that both sizes are known
	}
	if err := c.options.checkHeader(req.Header); err != nil || r.Content == nil {
		return req, err
	}
	up.content = *r.Content
	if up.content.Encoding == Gzip {
		req.Header.Set("Content-Encoding", Gzip)
	}
	req.ContentLength = up.content.Size
	req.GetBody = up.reader
	req.Body, err = up.reader()
	return req, err
}

// stream lets an answer be read while it arrives. What its reader does not like is a refusal.
func (c *Client) stream(ctx context.Context, r Request, up *upload, watch *stallWatch, resp *http.Response) *Error {
	body := &wire{unpacked: unpack(resp, watch.reader(resp.Body))}
	err := r.Read(body)
	switch {
	case err == nil:
		return nil
	case body.err != nil:
		return c.unanswered(ctx, r, up, fmt.Errorf("the answer broke off: %w", watch.explain(body.err)))
	}
	return &Error{URL: r.shown(), Kind: Refused, Status: resp.StatusCode, cause: err, reason: c.redactor.Quote(err.Error(), MaxWords)}
}

// judge returns nil for an answer of success.
func (c *Client) judge(r Request, a Answer) *Error {
	if r.Any || a.meant(r) {
		return nil
	}
	e := &Error{URL: r.shown(), Kind: Refused, Status: a.Status, Words: c.redactor.Quote(said(a.Body), MaxWords)}
	switch {
	case a.Status < http.StatusMultipleChoices:
		e.reason = "not the answer of the API but of a login page or a proxy in between"
	case a.Status < http.StatusBadRequest:
		e.reason = "redirects to " + c.redactor.Quote(a.Header.Get("Location"), maxPlace)
	case transient(a.Status):
		e.Kind, e.again, e.after = Unavailable, true, RetryAfter(a.Header)
	}
	e.Advice = c.options.Advise(e)
	return e
}

// unanswered is the error when no answer came.
func (c *Client) unanswered(ctx context.Context, r Request, up *upload, err error) *Error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // without the method and the URL
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("the connection was closed before an answer came: %w", err)
	}
	e := &Error{URL: r.shown()}
	if broken := up.broken(); broken != nil && ctx.Err() == nil {
		e.cause = fmt.Errorf("read the body: %w", broken)
	} else {
		e.unreached(err)
	}
	e.reason = c.redactor.Quote(e.cause.Error(), MaxWords)
	e.Advice = c.options.advise(e.cause)
	return e
}
