package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"stocktake/collector/inventory"
)

// lister reads one listing from its first page to its last.
type lister struct {
	c        *Cluster
	path     string
	kind     string // of the list: "PodList"
	source   string // for people: "pods"
	selector string // of labels, empty for all
	chain    *chain
	pages    int    // read to their end
	first    string // resource version of the first page

	size                       *pageSize
	requests, throttled, bytes atomic.Int64
	mixed                      atomic.Bool
}

func (c *Cluster) lister(path, kind, source string) *lister {
	return &lister{c: c, path: path, kind: kind, source: source, size: newPageSize(c.opts.BatchSize)}
}

// podLister reads the pods of a namespace, or of the whole cluster.
func (c *Cluster) podLister(namespace, source string) *lister {
	l := c.lister(podsPath(namespace), "PodList", source)
	l.selector = c.opts.OfWhichPods.String()
	return l
}

// read passes the whole listing to the sink. A page that breaks off is asked
// for again with its own token, and the sink skips what it has.
func (l *lister) read(ctx context.Context, s *sink) error {
	defer l.stop()
	tries := attempts{patience: l.c.patient}
	token := ""
	for {
		if l.chain == nil {
			l.chain = l.follow(ctx, token, 0)
		}
		l.chain.widen()
		before := l.pages
		err := l.readChain(ctx, s)
		broken, ok := errors.AsType[*brokenPage](err)
		if l.pages > before {
			tries = attempts{patience: l.c.patient}
		}
		if !ok {
			return l.failed(tries.blame(ctx, err))
		}
		l.stop()
		if err := l.recover(ctx, &tries, l.pages+1, broken.cause); err != nil {
			return l.failed(err)
		}
		token = broken.token
		s.order.rewound = true
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
func (l *lister) readChain(ctx context.Context, s *sink) error {
	for o := range l.chain.pages {
		if o.err != nil {
			return o.err
		}
		err := l.readPage(o.page, s)
		o.page.close(l.c)
		if err != nil {
			return err // with the slot, so that the chain asks for nothing more
		}
		l.chain.release()
		if o.page.info.Continue == "" {
			return s.finish()
		}
	}
	return stopped(ctx)
}

// readPage passes the objects of one page to the sink.
func (l *lister) readPage(p *page, s *sink) error {
	if p.known {
		l.begin(p.info, s)
	}
	for {
		err := p.next(s.record)
		if errors.Is(err, io.EOF) {
			break
		}
		if isCut(err) {
			return &brokenPage{p.token, err}
		}
		if err != nil {
			return malformed(err)
		}
		if err := s.take(); err != nil {
			return err
		}
	}
	if !p.known {
		p.info = p.meta()
		l.begin(p.info, s)
		close(p.read)
	}
	l.pages++
	l.size.proved()
	l.tell(Event{Kind: PageRead, Page: l.pages, Items: s.order.taken, Remaining: p.info.Remaining})
	return nil
}

// begin notes the moment that the listing belongs to. A first page that had to
// be asked for again, after some of it was taken, may be of another.
func (l *lister) begin(info listMeta, s *sink) {
	if l.pages > 0 {
		return
	}
	if s.order.taken > 0 && l.first != "" && l.first != info.ResourceVersion {
		l.mixed.Store(true)
		return
	}
	l.first = info.ResourceVersion
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

// listing tells how the reading went.
func (l *lister) listing(s *sink) inventory.Listing {
	listing := inventory.Listing{
		ResourceVersion: l.first,
		Consistency:     inventory.Snapshot,
		Pages:           l.pages,
		Items:           s.order.taken,
		Repeated:        s.order.repeated,
		Requests:        int(l.requests.Load()),
		Throttled:       int(l.throttled.Load()),
		Bytes:           l.bytes.Load(),
	}
	if l.mixed.Load() {
		listing.Consistency = inventory.Mixed
	}
	return listing
}
