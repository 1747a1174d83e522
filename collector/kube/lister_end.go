package kube

import (
	"errors"
	"hash/maphash"

	"stocktake/collector/inventory"
)

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
