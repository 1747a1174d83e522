package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"sync/atomic"

	"stocktake/collector/transport"
	"stocktake/collector/wire"
)

// lister reads one listing from its first page to its last.
type lister struct {
	c        *Cluster
	path     string
	kind     string // of the list: "PodList"
	source   string // for people: "pods"
	whole    bool   // objects come as JSON
	selector string // of labels, empty for all
	fields   string // a selector of fields, empty for all
	chain    *chain
	pages    int                 // read to their end
	first    string              // resource version of the first page
	moment   string              // resource version of the last page that was begun
	idle     int                 // how long nothing new came
	ended    map[uint64]struct{} // hashes of the tokens at the end of pages that were read
	seed     maphash.Seed        // of their hashes

	size                       *pageSize
	requests, throttled, bytes atomic.Int64
}

// lister reads the objects of a namespace, or all there are.
func (c *Cluster) lister(of Resource, namespace string) *lister {
	return &lister{
		c: c, path: of.Path(namespace), kind: of.List, source: of.source(namespace),
		size: newPageSize(c.opts.BatchSize), seed: maphash.MakeSeed(),
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
			l.chain = l.follow(ctx, token, 0)
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
	l.size.proved()
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

// recover waits until a failed request may be repeated, in smaller pages when
// that may help, or returns the error to give up with.
func (l *lister) recover(ctx context.Context, tries *attempts, number int, cause error) error {
	wait, err := tries.next(ctx, cause)
	if err != nil {
		return err
	}
	if shrinks(cause) {
		l.size.shrink()
	}
	l.tell(Event{Kind: Retry, Page: number, Attempt: tries.failed, Wait: wait, Err: cause})
	return tries.pause(ctx, wait)
}

func (l *lister) tell(e Event) {
	e.Source, e.Limit, e.Bytes = l.source, int(l.size.limit()), l.bytes.Load()
	l.c.watch.emit(e)
}

// failed says which page it was.
func (l *lister) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("list %s: page %d: %w", l.source, l.pages+1, err)
}
