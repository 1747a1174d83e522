package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync/atomic"

	"stocktake/collector/wire"
)

// question asks, and asks again as retryPolicy allows.
func (c *Cluster) question(ctx context.Context, p retryPolicy, source string, ask func() error) error {
	tries := attempts{retryPolicy: p}
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

// getAnswer reads what is at an address, in JSON, and asks again as its policy allows.
func (c *Cluster) getAnswer(ctx context.Context, p retryPolicy, source, path string) (answer []byte, err error) {
	return c.answer(ctx, p, source, request{path: path, accept: string(wire.JSON)})
}

// answer reads what is asked for with a request, up to [wire.MaxObject] bytes of it.
func (c *Cluster) answer(ctx context.Context, p retryPolicy, source string, r request) (answer []byte, err error) {
	err = c.question(ctx, p, source, func() error {
		var ignored atomic.Int64
		r.timeout, r.bytes = p.timeout, &ignored
		_, b, err := c.get(ctx, r)
		if err != nil {
			return err
		}
		answer, err = io.ReadAll(io.LimitReader(b, wire.MaxObject))
		_ = b.Close() // an answer that was read: nothing to learn
		return err
	})
	return answer, err
}

// getObject reads one small object, and asks for it again as its policy allows.
func (c *Cluster) getObject(ctx context.Context, p retryPolicy, source, path string, into any) error {
	answer, err := c.getAnswer(ctx, p, source, path)
	if err != nil {
		return err
	}
	if err := wire.Unmarshal(answer, into); err != nil {
		return malformed(err)
	}
	return nil
}

// Get reads the object at an address, in JSON, within seconds.
func (c *Cluster) Get(ctx context.Context, path string, into any) error {
	if err := c.getObject(ctx, c.quick, path, path, into); err != nil {
		return fmt.Errorf("get %s: %w", path, err)
	}
	return nil
}

// Preflight asks the API server for one object of each resource that has namespaces, in
// the way the run is going to ask for all: of the whole cluster, or of each of the
// namespaces of the scope until one answers. The other resources are few pages, which
// the run reads first. It fails within seconds, with the server's own words, when the
// server is not there (ErrUnavailable) or does not let us (ErrRefused: none of the
// namespaces may be listed).
func (c *Cluster) Preflight(ctx context.Context, s Scope, resources ...Resource) error {
	for _, of := range resources {
		if !of.Namespaced {
			continue
		}
		if err := c.mayRead(ctx, s, of); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) mayRead(ctx context.Context, s Scope, of Resource) error {
	if !s.ByName {
		return c.mayList(ctx, of.source(""), of.Path(""))
	}
	var refused error
	for _, namespace := range s.Namespaces {
		err := c.mayList(ctx, of.source(namespace), of.Path(namespace))
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
		_, err = io.Copy(io.Discard, io.LimitReader(b, wire.MaxObject)) // an answer that was read leaves a connection to use again
		_ = b.Close()                                                   // nothing to learn
		return err
	})
	if err != nil {
		return fmt.Errorf("list %s: %w", source, err)
	}
	return nil
}
