package kube

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"stocktake/collector/kubeconfig"
	"stocktake/collector/wire"
)

// accept asks for protobuf and takes JSON, as aggregated and older servers
// have no protobuf.
const accept = string(wire.Protobuf) + ", " + string(wire.JSON)

// request is one GET.
type request struct {
	path    string
	query   url.Values
	accept  string
	timeout time.Duration
	bytes   *atomic.Int64 // counts what is read
}

// get sends the request. The answer is a 200; every other one is a
// *statusError. The caller closes the body.
func (c *Cluster) get(ctx context.Context, r request) (contentType string, _ *body, _ error) {
	if err := c.login(ctx); err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	b := &body{ctx: ctx, cancel: cancel, timeout: r.timeout, bytes: r.bytes}
	b.timer = time.AfterFunc(r.timeout, func() { cancel(errStalled) })
	b.limit(c.opts.RequestTimeout)

	begun := time.Now()
	resp, err := c.send(ctx, r) //nolint:bodyclose // b closes it
	b.timer.Stop()
	if err != nil {
		err = cause(ctx, err)
		b.limit(0)
		cancel(nil)
		return "", nil, err
	}
	c.listed.answered(resp.Header)
	b.src, b.header, b.tls = resp.Body, resp.Header, resp.TLS
	if resp.StatusCode != http.StatusOK {
		resp.Body = b
		status := readStatus(resp)
		status.Waited = time.Since(begun)
		_ = b.Close() // an answer that was read: nothing to learn
		return "", nil, status
	}
	return resp.Header.Get("Content-Type"), b, nil
}

// login fetches credentials where the kubeconfig has a program for that. What such a
// program refuses is refused as by the API server: other credentials would help.
func (c *Cluster) login(ctx context.Context) error {
	err := c.link.Login(ctx)
	if errors.Is(err, kubeconfig.ErrNoCredentials) {
		return refusedLogin{err}
	}
	return err
}

// refusedLogin is ErrRefused without its words: Kubernetes was not asked.
type refusedLogin struct{ error }

func (e refusedLogin) Unwrap() []error { return []error{e.error, ErrRefused} }

func (c *Cluster) send(ctx context.Context, r request) (*http.Response, error) {
	target := c.link.Base.JoinPath(r.path)
	target.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", r.accept)
	return c.do(req)
}

// do sends a request.
func (c *Cluster) do(req *http.Request) (*http.Response, error) {
	return c.link.Do(req, func(body []byte) bool {
		_, ok := parseStatus(body)
		return ok
	})
}
