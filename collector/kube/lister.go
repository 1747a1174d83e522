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
)

// lister reads one listing from its first page to its last.
type lister struct {
	c        *Cluster
	path     string
	kind     string // of the list: "PodList"
	source   string // for people: "pods"
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

func (c *Cluster) lister(path, kind, source string) *lister {
	return &lister{c: c, path: path, kind: kind, source: source, size: newPageSize(c.opts.BatchSize), seed: maphash.MakeSeed()}
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
		s.order.rewind()
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
	return transport.Ended(ctx)
}

// readPage passes the objects of one page to the sink.
func (l *lister) readPage(p *page, s *sink) error {
	s.order.turn()
	if p.resumed {
		s.version()
		l.moment = "" // the sink knows already that that of this page is another
	}
	if p.known {
		l.begin(p.info, s)
	}
	progress := s.order.taken + s.order.skipped
	objects, err := l.readObjects(p, s)
	if err != nil {
		return err
	}
	if !p.known {
		p.info = p.meta()
		l.begin(p.info, s)
		close(p.read)
	}
	l.pages++
	l.size.proved()
	l.tell(Event{Kind: PageRead, Page: l.pages, Items: s.order.taken, Remaining: p.info.Remaining})
	return l.progress(p, objects, s.order.taken+s.order.skipped > progress)
}

// readObjects passes the objects of one page to the sink, and counts them.
func (l *lister) readObjects(p *page, s *sink) (count int, err error) {
	for ; ; count++ {
		err := p.next(s.record)
		odd, isOdd := errors.AsType[*oddObject](err)
		switch {
		case err == nil:
			err = s.take()
		case errors.Is(err, io.EOF):
			return count, nil
		case isOdd:
			err = s.odd(odd.cause)
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
func (l *lister) begin(info listMeta, s *sink) {
	version := info.ResourceVersion
	if version != "" && l.moment != "" && version != l.moment {
		s.version()
	}
	if s.order.taken == 0 || l.first == "" {
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
