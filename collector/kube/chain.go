package kube

import "context"

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

// follow starts a chain at a token and the number of its page; the empty token asks for
// the first one. Of its slots, spare ones are withheld until widen is called.
func follow(ctx context.Context, from *pager, token string, number, spare int) *chain {
	inFlight := from.inFlight
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
			c.run(ctx, from, token, number)
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

func (c *chain) run(ctx context.Context, from *pager, token string, number int) {
	defer from.exact.over()
	for ; ; number++ {
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		p, err := from.open(ctx, token, number)
		c.pages <- opened{p, err}
		known := err == nil && p.resolve(ctx)
		if known && token == "" {
			from.exact.answered(p.info.ResourceVersion)
		}
		if !known || p.info.Continue == "" {
			return
		}
		if number == 1 {
			from.size.expect(p.info.Remaining)
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
