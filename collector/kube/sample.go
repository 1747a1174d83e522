package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"stocktake/collector/wire"
)

// Sample is what the first few objects of a listing tell about the whole, and
// about the server that sent them.
type Sample struct {
	Objects   int64 // in the whole listing
	Bytes     int64 // of one on the wire, on average; 0 when there is none
	Uncounted bool  // there are more objects, and the server does not tell how many

	// FlowSchema and PriorityLevel are UIDs of what fair queuing (KEP-1040) made
	// of the request; empty where it is switched off.
	FlowSchema, PriorityLevel string
	// Clock is when the server says that it answered, to the second; zero when
	// it does not say. Ahead is how far that is from the time here.
	Clock time.Time
	Ahead time.Duration
	// CertificateEnd is when the certificate of the server runs out, zero without TLS.
	CertificateEnd time.Time
}

// sampleSize is enough for an average, and two orders of magnitude below a page.
const sampleSize = 10

// Sample lists the first objects of a namespace, or of the cluster when the name is
// empty.
func (c *Cluster) Sample(ctx context.Context, of Resource, namespace string) (Sample, error) {
	return c.First(ctx, Want{Resource: of}, namespace)
}

// First lists the first objects of a namespace, or of the cluster when the name is empty, in
// the form that is wanted, and shows them to the sink, if there is one: a second time where
// the answer broke off.
func (c *Cluster) First(ctx context.Context, want Want, namespace string) (s Sample, err error) {
	err = c.firstPage(ctx, want, namespace, url.Values{"limit": {strconv.Itoa(sampleSize)}}, func(p *page) (err error) {
		s, err = sample(p, want.Sink)
		return err
	})
	return s, err
}

func sample(p *page, to Sink) (Sample, error) {
	s := met(p.body)
	var o wire.Object
	err := p.scanner.Next(&o)
	for ; err == nil; err = p.scanner.Next(&o) {
		s.Objects++
		if to != nil {
			if err := to.Object(&o); err != nil {
				return Sample{}, err
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		return Sample{}, err
	}
	if s.Objects > 0 {
		s.Bytes = p.body.bytes.Load() / s.Objects
	}
	info := p.scanner.Meta()
	s.Objects += info.Remaining
	s.Uncounted = info.Continue != "" && info.Remaining == 0
	return s, nil
}

// Has reports whether there is an object in a namespace, or in the cluster when the name
// is empty; with fields, one that this field selector chooses. It reads one object.
func (c *Cluster) Has(ctx context.Context, of Resource, namespace, fields string) (found bool, err error) {
	query := url.Values{"limit": {"1"}}
	if fields != "" {
		query.Set("fieldSelector", fields)
	}
	err = c.firstPage(ctx, Want{Resource: of}, namespace, query, func(p *page) error {
		err := p.scanner.Next(new(wire.Object))
		found = err == nil || errors.Is(err, io.EOF) && p.scanner.Meta().Continue != ""
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	})
	return found, err
}

// firstPage reads the first page of a listing, and asks for it again where that helps.
func (c *Cluster) firstPage(ctx context.Context, of Want, namespace string, query url.Values, read func(*page) error) error {
	source, policy := of.Resource.source(namespace), c.quick
	accept, kind := of.Form.listed(of.Resource)
	if of.Form != Decoded {
		policy.attempts = 2 // there are many of these, each with a server of its own that may be down
	}
	err := c.question(ctx, policy, source, func() error {
		p, err := c.openPage(ctx, request{
			path: of.Resource.Path(namespace), query: query, accept: accept, timeout: policy.timeout, bytes: new(atomic.Int64),
		}, kind)
		if err != nil {
			return err
		}
		defer p.close(c)
		if err = read(p); err != nil && !isCut(err) {
			return malformed(err)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("list %s: %w", source, err)
	}
	return nil
}

// met is what the answer says of the server.
func met(b *body) Sample {
	s := Sample{
		FlowSchema:    printable(b.header.Get("X-Kubernetes-PF-FlowSchema-UID")),
		PriorityLevel: printable(b.header.Get("X-Kubernetes-PF-PriorityLevel-UID")),
	}
	if clock, err := http.ParseTime(b.header.Get("Date")); err == nil {
		s.Clock, s.Ahead = clock, time.Until(clock)
	}
	if b.tls != nil && len(b.tls.PeerCertificates) > 0 {
		s.CertificateEnd = b.tls.PeerCertificates[0].NotAfter
	}
	return s
}
