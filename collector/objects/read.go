package objects

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"stocktake/collector/kube"
)

// Read reads types for the collection, several side by side, until one fails that may not be
// missing. The types are some of those that Wants returns.
func (c *Collection) Read(ctx context.Context, from Source, wants []kube.Want) error {
	wants = slices.Clone(wants)
	slices.SortStableFunc(wants, func(a, b kube.Want) int { return cmp.Compare(rank(a.Resource), rank(b.Resource)) })
	todo := make(chan kube.Want, len(wants))
	for _, want := range wants {
		todo <- want
	}
	close(todo)
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers sync.WaitGroup
	for range min(c.plan.options.Workers, len(wants)) {
		workers.Go(func() {
			for want := range todo {
				if err := c.readType(reading, from, want); err != nil {
					stop(err)
				}
			}
		})
	}
	workers.Wait()
	if reading.Err() != nil {
		return context.Cause(reading)
	}
	return c.readReleases(ctx, from)
}

// readType reads a type, and returns why it may not be missing.
func (c *Collection) readType(ctx context.Context, from Source, want kube.Want) error {
	t, ok := want.Sink.(*typeSink)
	if !ok || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err := kube.Caught(func() error { return t.read(ctx, from, want) })
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t.broken = cmp.Or(t.broken, err)
	return t.fails(c.plan)
}

// read reads the type, and returns what keeps it from doing so besides what Over was told.
//
// The next page of a built-in type is asked for while one is read. That of a custom resource cannot be: its token stands at
// the end of a page.
func (t *typeSink) read(ctx context.Context, from Source, want kube.Want) error {
	from.Scope.InTurn = !kube.BuiltIn(want.Resource.Group)
	_, err := from.Cluster.Read(ctx, from.Scope, []kube.Want{want})
	if errors.Is(err, kube.ErrUnordered) && want.Resource.Namespaced && ctx.Err() == nil {
		names, namesErr := from.Names(ctx)
		if namesErr != nil {
			return namesErr
		}
		t.Restart()
		one := from.Scope
		one.ByName, one.Namespaces, one.InTurn = true, names, true
		_, err = from.Cluster.Read(ctx, one, []kube.Want{want})
	}
	if !kube.IsNotFound(err) {
		return nil
	}
	found, err := from.Cluster.Discover(ctx, false)
	t.gone = err == nil && !found.Serves(want.Resource)
	return err
}

// large are the types that are read first, because there are the most of them: what is small
// fills the time beside them.
var large = []string{"pods", "replicasets", "configmaps", "secrets", "events", "jobs", "deployments", "services", "endpointslices", "endpoints"}

func rank(of kube.Resource) int {
	i := slices.Index(large, of.Plural)
	if i < 0 || !kube.BuiltIn(of.Group) {
		return len(large)
	}
	return i
}
