package kube

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"stocktake/collector/wire"
)

// chain opens the pages of a listing ahead of their reader. Each page names the
// next in its first bytes, so a single goroutine can follow the tokens while the
// pages themselves still arrive. Slots bound the pages under way: opened, and
// not yet read to the end.
type chain struct {
	pages  chan opened
	slots  chan struct{}
	spare  int // slots not given out yet
	cancel context.CancelFunc
}

// opened is the next page, or why there is none.
type opened struct {
	page *page
	err  error
}

// follow starts a chain at a token; the empty token asks for the first page.
// Of its slots, spare ones are withheld until widen is called.
func (l *lister) follow(ctx context.Context, token string, spare int) *chain {
	inFlight := l.c.opts.PagesInFlight
	ctx, cancel := context.WithCancel(ctx)
	c := &chain{
		// As many as there are slots, so that handing over never blocks.
		pages:  make(chan opened, inFlight),
		slots:  make(chan struct{}, inFlight),
		spare:  min(spare, inFlight-1),
		cancel: cancel,
	}
	for range c.spare {
		c.slots <- struct{}{}
	}
	go func() {
		defer close(c.pages)
		err := Caught(func() error {
			c.run(ctx, l, token)
			return nil
		})
		if err != nil {
			c.hand(ctx, opened{nil, err})
		}
	}()
	return c
}

// hand passes on a page for which no slot may be free.
func (c *chain) hand(ctx context.Context, o opened) {
	select {
	case c.pages <- o:
	case <-ctx.Done():
	}
}

func (c *chain) run(ctx context.Context, l *lister, token string) {
	for number := l.pages + 1; ; number++ {
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		p, err := l.open(ctx, token, number)
		c.pages <- opened{p, err}
		if err != nil || !p.resolve(ctx) || p.info.Continue == "" {
			return
		}
		if number == 1 {
			l.size.stretch(p.info.Remaining)
		}
		token = p.info.Continue
	}
}

// widen gives out the slots that were withheld.
func (c *chain) widen() {
	for ; c.spare > 0; c.spare-- {
		<-c.slots
	}
}

// release gives back the slot of a page that was read.
func (c *chain) release() { <-c.slots }

// stop ends the chain and closes what it opened.
func (c *chain) stop(cluster *Cluster) {
	c.cancel()
	for o := range c.pages {
		if o.page != nil {
			o.page.close(cluster)
		}
	}
}

// resolve waits until the metadata of the page is final, which it is at once
// unless the server writes it last.
func (p *page) resolve(ctx context.Context) bool {
	if p.known {
		return true
	}
	select {
	case <-p.read:
		return true
	case <-ctx.Done():
		return false
	}
}

// open asks for a page until it is there or there is no point in asking.
func (l *lister) open(ctx context.Context, token string, number int) (*page, error) {
	tries := attempts{retryPolicy: l.c.patient}
	resumed := false
	for {
		p, err := l.ask(ctx, token)
		if err == nil {
			p.token, p.number, p.resumed = token, number, resumed
			return p, nil
		}
		if next, ok := expired(err); ok && tries.failed < tries.attempts {
			resumed = true
			token, tries.failed, tries.last = next, tries.failed+1, err
			l.tell(Event{Kind: Resume, Page: number, Err: err})
			continue
		}
		if err := l.recover(ctx, &tries, number, err); err != nil {
			return nil, err
		}
	}
}

// ask sends one request for a page. The resource version is left unset: the
// first page is then the latest state, and a token holds its own.
func (l *lister) ask(ctx context.Context, token string) (*page, error) {
	query := url.Values{"limit": {strconv.FormatInt(l.size.limit(), 10)}}
	for name, value := range map[string]string{"labelSelector": l.selector, "fieldSelector": l.fields, "continue": token} {
		if value != "" {
			query.Set(name, value)
		}
	}
	accepted := accept
	if l.whole {
		accepted = string(wire.JSON)
	}
	l.requests.Add(1)
	p, err := l.c.openPage(ctx, request{
		path: l.path, query: query, accept: accepted, timeout: l.c.patient.timeout, bytes: &l.bytes,
	}, l.kind)
	if status, ok := errors.AsType[*statusError](err); ok && status.Code == http.StatusTooManyRequests {
		l.throttled.Add(1)
	}
	return p, err
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
