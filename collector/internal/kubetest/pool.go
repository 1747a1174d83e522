package kubetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Pool is a few control planes for tests that run beside each other and each need a
// whole cluster for themselves.
type Pool struct {
	// Options are those of each control plane, Size is how many there are at most. Set
	// both before the first test.
	Options Options
	Size    int

	once    sync.Once
	free    chan *Cluster // nil for one that was not started yet
	mu      sync.Mutex
	started []*Cluster
}

// Cluster waits for a control plane that nobody uses, which holds no pods, nodes and
// namespaces of a test before. The test hands it back, wiped, at its end. A test that
// has one may wait for ever when it takes another, or has parallel subtests: tests that
// wait for a cluster count as running, and may be as many as -parallel lets run.
func (p *Pool) Cluster(t testing.TB) *Cluster {
	t.Helper()
	p.once.Do(func() {
		p.free = make(chan *Cluster, p.Size)
		for range p.Size {
			p.free <- nil
		}
	})
	c := <-p.free
	t.Cleanup(func() { p.free <- c })
	if c == nil {
		started, err := Launch(p.Options)
		require.NoError(t, err)
		c = started
		p.mu.Lock()
		p.started = append(p.started, c)
		p.mu.Unlock()
		c.Wipe(t) // which compacts, as after each test
	}
	t.Cleanup(func() { require.NoError(t, c.Clear(context.WithoutCancel(t.Context()))) })
	return c
}

// Stop ends all of them, for Main.
func (p *Pool) Stop() error {
	var errs []error
	for _, c := range p.started {
		errs = append(errs, c.Stop())
	}
	return errors.Join(errs...)
}
