package kube

import (
	"bufio"
	"context"

	"stocktake/collector/wire"
)

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
