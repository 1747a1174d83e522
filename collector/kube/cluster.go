package kube

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/kubeconfig"
)

// bufferSize holds several pods of the usual five kilobytes; a larger object
// gets memory of its own.
const bufferSize = 32 << 10

// Cluster is a connection to one API server. It is safe for concurrent use.
type Cluster struct {
	*connection
	known inventory.Cluster
}

// Knowing returns the cluster for reading its pods, once it is known which runtimes its
// nodes have and which server names its Jobs: images and workloads are told by that.
func (c *Cluster) Knowing(known inventory.Cluster) *Cluster { return &Cluster{c.connection, known} }

// connection is what all calls share.
type connection struct {
	opts    Options
	link    *kubeconfig.Connection
	watch   observer
	buffers sync.Pool // of *bufio.Reader
	listed  listed

	patient patience // of a listing that has begun
	quick   patience // of the first questions
}

func newCluster(opts Options, link *kubeconfig.Connection) *Cluster {
	return &Cluster{connection: &connection{
		opts:    opts,
		link:    link,
		watch:   observer{on: opts.OnEvent},
		buffers: sync.Pool{New: func() any { return bufio.NewReaderSize(nil, bufferSize) }},
		patient: patience{attempts: 8, first: 500 * time.Millisecond, longest: 20 * time.Second, timeout: opts.timeout()},
		quick:   patience{attempts: 4, first: 400 * time.Millisecond, longest: 5 * time.Second, timeout: min(opts.timeout(), 5*time.Second)},
	}}
}

// Host is the address of the API server, without a user and a password in it.
func (c *Cluster) Host() string {
	shown := *c.link.Base
	shown.User = nil
	return shown.String()
}

// Origin says what led to this cluster: the context and file of a kubeconfig, or
// the service account of this pod, and why.
func (c *Cluster) Origin() string { return c.link.Origin }

// Exposed says why anyone in between can read the credentials, and the way out.
func (c *Cluster) Exposed() kubeconfig.Exposure { return c.link.Exposed }

// Close drops idle connections. Nothing else outlives a call.
func (c *Cluster) Close() { c.link.Close() }

// Preflight asks the API server for one pod, in the way the run is going to
// ask for all: of the whole cluster, or of each of the namespaces when there
// are any. It fails within seconds, with the server's own words, when the
// server is not there (ErrUnavailable) or does not let us (ErrRefused: none of
// the namespaces may be listed).
func (c *Cluster) Preflight(ctx context.Context, namespaces ...string) error {
	if len(namespaces) == 0 {
		return c.mayList(ctx, "pods", podsPath(""))
	}
	var refused error
	for _, namespace := range namespaces {
		err := c.mayList(ctx, sourceOf(namespace), podsPath(namespace))
		if err == nil || !errors.Is(err, ErrRefused) {
			return err
		}
		refused = err
	}
	return refused
}

// mayList lists a single object, which costs the server next to nothing.
func (c *Cluster) mayList(ctx context.Context, source, path string) error {
	var ignored atomic.Int64
	err := c.question(ctx, c.quick, source, func() error {
		_, b, err := c.get(ctx, request{
			path: path, query: url.Values{"limit": {"1"}}, accept: accept, timeout: c.quick.timeout, bytes: &ignored,
		})
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, io.LimitReader(b, maxItem)) // an answer that was read leaves a connection to use again
		_ = b.Close()                                            // nothing to learn
		return err
	})
	if err != nil {
		return fmt.Errorf("list %s: %w", source, err)
	}
	return nil
}

// getObject reads one small object, and asks for it again as patience allows.
func (c *Cluster) getObject(ctx context.Context, p patience, source, path string, into any) error {
	return c.question(ctx, p, source, func() error {
		var ignored atomic.Int64
		_, b, err := c.get(ctx, request{path: path, accept: string(jsonEncoding), timeout: p.timeout, bytes: &ignored})
		if err != nil {
			return err
		}
		answer, err := io.ReadAll(io.LimitReader(b, maxItem))
		_ = b.Close() // an answer that was read: nothing to learn
		if err != nil {
			return err
		}
		if err := unmarshal(answer, into); err != nil {
			return malformed(err)
		}
		return nil
	})
}

// question asks, and asks again as patience allows.
func (c *Cluster) question(ctx context.Context, p patience, source string, ask func() error) error {
	tries := attempts{patience: p}
	for {
		err := ask()
		if err == nil {
			return nil
		}
		wait, giveUp := tries.next(ctx, err)
		if giveUp != nil {
			return giveUp
		}
		c.watch.emit(Event{Kind: Retry, Source: source, Attempt: tries.failed, Wait: wait, Err: err})
		if err := tries.pause(ctx, wait); err != nil {
			return err
		}
	}
}

func podsPath(namespace string) string {
	if namespace == "" {
		return "api/v1/pods"
	}
	return strings.Join([]string{"api/v1/namespaces", url.PathEscape(namespace), "pods"}, "/")
}

func sourceOf(namespace string) string { return "pods of namespace " + namespace }
