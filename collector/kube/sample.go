package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// Sample is what the first few pods of a listing tell about the whole, and
// about the server that sent them.
type Sample struct {
	Pods  int64 // in the whole listing
	Bytes int64 // of one pod on the wire, on average; 0 when there is none

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

// Sample lists the first pods of a namespace, or of the cluster when the name is
// empty.
func (c *Cluster) Sample(ctx context.Context, namespace string) (Sample, error) {
	source := "pods"
	if namespace != "" {
		source = sourceOf(namespace)
	}
	var s Sample
	err := c.question(ctx, c.quick, source, func() (err error) {
		s, err = c.sample(ctx, podsPath(namespace))
		return err
	})
	if err != nil {
		return Sample{}, fmt.Errorf("list %s: %w", source, err)
	}
	return s, nil
}

func (c *Cluster) sample(ctx context.Context, path string) (Sample, error) {
	var read atomic.Int64
	p, err := c.openPage(ctx, request{
		path: path, query: url.Values{"limit": {strconv.Itoa(sampleSize)}}, accept: accept, timeout: c.quick.timeout, bytes: &read,
	}, "PodList")
	if err != nil {
		return Sample{}, err
	}
	defer p.close(c)
	s := met(p.body)
	var r podRecord
	for err = p.next(&r); err == nil; err = p.next(&r) {
		s.Pods++
	}
	if !errors.Is(err, io.EOF) {
		if isCut(err) {
			return Sample{}, err
		}
		return Sample{}, malformed(err)
	}
	if s.Pods > 0 {
		s.Bytes = read.Load() / s.Pods
	}
	s.Pods += p.meta().Remaining
	return s, nil
}

// HasPods reports whether there is a pod in a namespace, or in the cluster when the
// name is empty; with running, one in the phase Running. It reads one object.
func (c *Cluster) HasPods(ctx context.Context, namespace string, running bool) (bool, error) {
	query := url.Values{"limit": {"1"}}
	if running {
		query.Set("fieldSelector", "status.phase=Running")
	}
	source, found := "pods", false
	if namespace != "" {
		source = sourceOf(namespace)
	}
	err := c.question(ctx, c.quick, source, func() (err error) {
		found, err = c.hasItems(ctx, request{path: podsPath(namespace), query: query, accept: accept, timeout: c.quick.timeout, bytes: new(atomic.Int64)})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("list %s: %w", source, err)
	}
	return found, nil
}

// hasItems reports whether a page has an item, or says that there are more to come.
func (c *Cluster) hasItems(ctx context.Context, r request) (bool, error) {
	p, err := c.openPage(ctx, r, "PodList")
	if err != nil {
		return false, err
	}
	defer p.close(c)
	switch err := p.next(new(podRecord)); {
	case err == nil:
		return true, nil
	case errors.Is(err, io.EOF):
		return p.meta().Continue != "", nil
	case isCut(err):
		return false, err
	default:
		return false, malformed(err)
	}
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

func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}
