package kube

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/wire"
)

// pager asks for the pages of one listing, whoever reads them.
type pager struct {
	c        *Cluster
	path     string
	kind     string // of the list: "PodList"
	source   string // for people: "pods"
	accept   string // the encodings to choose from
	inFlight int    // pages under way at a time
	selector string // of labels, empty for all
	fields   string // a selector of fields, empty for all

	exact                      exactly // of the first page, where the moment is shared with others
	size                       *pageSize
	requests, throttled, bytes atomic.Int64
}

// open asks for a page until it is there or there is no point in asking.
func (p *pager) open(ctx context.Context, token string, number int) (*page, error) {
	tries := attempts{retryPolicy: p.c.patient}
	resumed := false
	if token == "" {
		p.exact.begin(ctx)
	}
	for {
		page, err := p.ask(ctx, token)
		if err == nil {
			page.token, page.number, page.resumed = token, number, resumed
			return page, nil
		}
		if token == "" && p.exact.fails(err) {
			p.tell(Event{Kind: Resume, Page: number, Err: err})
			continue
		}
		if next, ok := expired(err); ok && tries.failed < tries.attempts {
			resumed = true
			p.exact.lose()
			token, tries.failed, tries.last = next, tries.failed+1, err
			p.tell(Event{Kind: Resume, Page: number, Err: err})
			continue
		}
		if err := p.recover(ctx, &tries, number, err); err != nil {
			return nil, err
		}
	}
}

// ask sends one request for a page. The resource version is left unset, unless the first
// page is to be of a moment: it is then the latest state. A token holds its own.
func (p *pager) ask(ctx context.Context, token string) (*page, error) {
	query := url.Values{"limit": {strconv.FormatInt(p.size.limit(), 10)}}
	for name, value := range map[string]string{"labelSelector": p.selector, "fieldSelector": p.fields, "continue": token} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if token == "" && p.exact.version != "" {
		query.Set("resourceVersion", p.exact.version)
		query.Set("resourceVersionMatch", string(metav1.ResourceVersionMatchExact))
	}
	p.requests.Add(1)
	page, err := p.c.openPage(ctx, request{
		path: p.path, query: query, accept: p.accept, timeout: p.c.patient.timeout, bytes: &p.bytes,
	}, p.kind)
	if status, ok := errors.AsType[*statusError](err); ok && status.Code == http.StatusTooManyRequests {
		p.throttled.Add(1)
	}
	return page, err
}

// expired returns the token in a 410, which goes on from the same key at a
// later moment (kubernetes#67284). A 410 without one is final: starting over,
// or asking for all at once, is what brings an API server down.
func expired(err error) (token string, _ bool) {
	status, ok := errors.AsType[*statusError](err)
	if !ok || status.Code != http.StatusGone || status.Continue == "" {
		return "", false
	}
	return status.Continue, true
}

// recover waits until a failed request may be repeated, in smaller pages when
// that may help, or returns the error to give up with.
func (p *pager) recover(ctx context.Context, tries *attempts, number int, cause error) error {
	wait, err := tries.next(ctx, cause)
	if err != nil {
		return err
	}
	if shrinks(cause) {
		p.size.shrink()
	}
	p.tell(Event{Kind: Retry, Page: number, Attempt: tries.failed, Wait: wait, Err: cause})
	return tries.pause(ctx, wait)
}

func (p *pager) tell(e Event) {
	e.Source, e.Limit, e.Bytes = p.source, int(p.size.limit()), p.bytes.Load()
	p.c.watch.emit(e)
}

// page is an answer to a list request, open at its first object.
type page struct {
	scanner wire.Scanner
	known   bool          // info is final already
	info    wire.ListMeta // as soon as it is final
	token   string        // it was asked for with
	resumed bool          // the token expired, and this one took its place: the moment is a later one
	number  int
	body    *body
	buffer  *bufio.Reader
	read    chan struct{} // closed when the page was read to its end, and meta is final
}

// openPage asks for a page and reads up to its first object.
func (c *Cluster) openPage(ctx context.Context, r request, kind string) (*page, error) {
	contentType, b, err := c.get(ctx, r)
	if err != nil {
		return nil, err
	}
	p := &page{body: b, buffer: c.buffers.Get().(*bufio.Reader), read: make(chan struct{})} //nolint:forcetypeassert // the pool's New makes no other
	p.buffer.Reset(b)
	p.scanner, err = wire.NewScanner(contentType, kind, p.buffer)
	if err == nil {
		p.known, err = p.scanner.Head()
	}
	if err != nil {
		p.close(c)
		if isCut(err) {
			return nil, err
		}
		return nil, malformed(err)
	}
	if p.known {
		p.info = p.scanner.Meta()
	}
	return p, nil
}

// close ends the request and gives the buffer back.
func (p *page) close(c *Cluster) {
	_ = p.body.Close() // an answer that was read, or is given up: nothing to learn
	p.buffer.Reset(nil)
	c.buffers.Put(p.buffer)
}
