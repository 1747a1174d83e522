package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"stocktake/collector/inventory"
	"stocktake/collector/transport"
	"stocktake/collector/wire"
)

// lister reads one listing from its first page to its last.
type lister struct {
	pager
	chain  *chain
	pages  int                 // read to their end
	first  string              // resource version of the first page
	moment string              // resource version of the last page that was begun
	idle   int                 // how long nothing new came
	ended  map[uint64]struct{} // hashes of the tokens at the end of pages that were read
	seed   maphash.Seed        // of their hashes
}

// lister reads the objects of a namespace, or all there are.
func (c *Cluster) lister(of Resource, namespace string) *lister {
	return &lister{
		pager: pager{
			c: c, path: of.Path(namespace), kind: of.List, source: of.source(namespace),
			accept: accept, inFlight: c.opts.PagesInFlight, size: newPageSize(c.opts.growthOf()),
		},
		seed: maphash.MakeSeed(),
	}
}

// read passes the whole listing to the grouping. A page that breaks off is asked
// for again with its own token, and the grouping skips what it has.
func (l *lister) read(ctx context.Context, g *grouping) error {
	defer l.stop()
	tries := attempts{retryPolicy: l.c.patient}
	token := ""
	for {
		if l.chain == nil {
			l.follow(ctx, token, 0)
		}
		l.chain.widen()
		before := l.pages
		err := l.readChain(ctx, g)
		broken, ok := errors.AsType[*brokenPage](err)
		if l.pages > before {
			tries = attempts{retryPolicy: l.c.patient}
		}
		if !ok {
			return l.failed(tries.blame(ctx, err))
		}
		l.stop()
		if err := l.recover(ctx, &tries, l.pages+1, broken.cause); err != nil {
			return l.failed(err)
		}
		token = broken.token
		g.order.rewind()
	}
}

// follow begins to ask for the pages from a token on.
func (l *lister) follow(ctx context.Context, token string, spare int) {
	l.chain = follow(ctx, &l.pager, token, l.pages+1, spare)
}

// stop gives up the pages that were opened and not read.
func (l *lister) stop() {
	if l.chain != nil {
		l.chain.stop(l.c)
		l.chain = nil
	}
}

// brokenPage is a page that must be asked for again.
type brokenPage struct {
	token string
	cause error
}

func (e *brokenPage) Error() string { return e.cause.Error() }
func (e *brokenPage) Unwrap() error { return e.cause }

// readChain reads the pages of the chain at hand.
func (l *lister) readChain(ctx context.Context, g *grouping) error {
	for o := range l.chain.pages {
		if o.err != nil {
			return o.err
		}
		err := l.readPage(o.page, g)
		o.page.close(l.c)
		if err != nil {
			return err // with the slot, so that the chain asks for nothing more
		}
		l.chain.release()
		if o.page.info.Continue == "" {
			return g.finish()
		}
	}
	return transport.Ended(ctx)
}

// readPage passes the objects of one page to the grouping.
func (l *lister) readPage(p *page, g *grouping) error {
	g.order.turn()
	if p.resumed {
		g.version()
		l.moment = "" // the grouping knows already that that of this page is another
	}
	if p.known {
		l.begin(p.info, g)
	}
	progress := g.order.taken + g.order.skipped
	objects, err := l.readObjects(p, g)
	if err != nil {
		return err
	}
	if !p.known {
		p.info = p.scanner.Meta()
		l.begin(p.info, g)
		close(p.read)
	}
	l.pages++
	l.size.proved(loaded{int64(objects), p.body.read}, p.info.Remaining)
	l.tell(Event{Kind: PageRead, Page: l.pages, Items: g.order.taken, Remaining: p.info.Remaining})
	return l.progress(p, objects, g.order.taken+g.order.skipped > progress)
}

// readObjects passes the objects of one page to the grouping, and counts them.
func (l *lister) readObjects(p *page, g *grouping) (count int, err error) {
	for ; ; count++ {
		err := p.scanner.Next(&g.object)
		odd, isOdd := errors.AsType[*wire.Unreadable](err)
		switch {
		case err == nil:
			err = g.take()
		case errors.Is(err, io.EOF):
			return count, nil
		case isOdd:
			err = g.unreadable(odd.Cause)
		case isCut(err):
			return count, &brokenPage{p.token, err}
		default:
			return count, malformed(err)
		}
		if err != nil {
			return count, err
		}
	}
}

// begin notes the moment that a page belongs to. That of the first page, when it
// had to be asked for again, is another, and so is that of a token that expired.
func (l *lister) begin(info wire.ListMeta, g *grouping) {
	version := info.ResourceVersion
	if version != "" && l.moment != "" && version != l.moment {
		g.version()
	}
	if g.order.taken == 0 || l.first == "" {
		l.first = version
	}
	l.moment = cmp.Or(version, l.moment)
}

// failed says which page it was.
func (l *lister) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("list %s: page %d: %w", l.source, l.pages+1, err)
}

// Bounds of a listing that does not come to an end: a page without any object
// that names another page is a waste of ten of those that hold nothing new. The
// latter occur when a large page is read again in small ones.
const (
	mostIdle  = 250
	emptyPage = 10
)

// errEndless is a server that leads from page to page without an end.
var errEndless = errors.New("the API server names another page, again and again, and nothing new comes")

// progress makes sure that the listing comes to an end: a token that ended an
// earlier page, or too many pages in a row without an object that is new, end it.
func (l *lister) progress(p *page, objects int, news bool) error {
	token := p.info.Continue
	if token == "" {
		return nil
	}
	hash := maphash.String(l.seed, token) // a token may be as long as the server likes
	_, before := l.ended[hash]
	if l.ended == nil {
		l.ended = map[uint64]struct{}{}
	}
	l.ended[hash] = struct{}{}
	switch {
	case news:
		l.idle = 0
	case objects == 0:
		l.idle += emptyPage
	default:
		l.idle++
	}
	if before || token == p.token || l.idle >= mostIdle {
		return malformed(errEndless)
	}
	return nil
}

// listing tells how the reading went.
func (l *lister) listing(g *grouping) inventory.Listing {
	listing := inventory.Listing{
		ResourceVersion: l.first,
		Consistency:     inventory.Snapshot,
		Pages:           l.pages,
		Items:           g.order.taken - g.discarded,
		Repeated:        g.order.repeated,
		Requests:        int(l.requests.Load()),
		Throttled:       int(l.throttled.Load()),
		Bytes:           l.bytes.Load(),
	}
	if g.later {
		listing.Consistency = inventory.Mixed
	}
	listing.Unordered = g.order.descending
	return listing
}
