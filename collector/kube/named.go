package kube

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/inventory"
)

// NamespacesNamed reads each of the namespaces by its name, in the given order,
// which needs the right to get them and no right beyond them.
//
// One that does not exist, that may not be read or cannot be, is a gap. When not one of
// them may be read, the first refusal is the error; every other failure is the
// error too, and ends the reading.
func (c *Cluster) NamespacesNamed(ctx context.Context, names []string) ([]inventory.Namespace, []inventory.Gap, error) {
	names = unique(names)
	answers, err := c.getNamespaces(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	var found []inventory.Namespace
	var gaps []inventory.Gap
	b := newBuilder(c.opts.OfNamespaces)
	for i := range answers {
		if err := answers[i].err; err != nil {
			gap := gapOf("namespace "+names[i], err)
			gap.Namespace = names[i]
			gaps = append(gaps, gap)
			continue
		}
		found = append(found, b.namespace(&answers[i].record))
	}
	c.listed.remember(found)
	if len(gaps) > 0 && len(gaps) == len(names) && !slices.ContainsFunc(gaps, missing) {
		return nil, gaps, gaps[0].Cause
	}
	return found, gaps, nil
}

func missing(gap inventory.Gap) bool { return errors.Is(gap.Cause, ErrNotFound) }

// namespaceAnswer is a namespace, or why there is a gap in its place.
type namespaceAnswer struct {
	record namespaceRecord
	err    error
}

// getNamespaces asks for several namespaces at a time. The first failure that
// is not the fault of one namespace alone ends it all.
func (c *Cluster) getNamespaces(ctx context.Context, names []string) ([]namespaceAnswer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make([]namespaceAnswer, len(names))
	todo := make(chan int, len(names))
	for i := range names {
		todo <- i
	}
	close(todo)

	var workers sync.WaitGroup
	var once sync.Once
	var failed error
	for range min(c.opts.workers(), len(names)) {
		workers.Go(func() {
			for i := range todo {
				a := &answers[i]
				a.err = Caught(func() error { return c.getNamespace(ctx, names[i], &a.record) })
				if a.err != nil && (ctx.Err() != nil || !ofOneNamespace(a.err)) {
					once.Do(func() { failed = a.err })
					cancel()
				}
			}
		})
	}
	workers.Wait()
	return answers, failed
}

// ofOneNamespace reports a failure that says nothing about other namespaces.
func ofOneNamespace(err error) bool {
	_, odd := errors.AsType[*oddObject](err)
	return odd || errors.Is(err, ErrRefused) || errors.Is(err, ErrNotFound)
}

func (c *Cluster) getNamespace(ctx context.Context, name string, r *namespaceRecord) error {
	source := "namespace " + name
	err := c.getObject(ctx, c.patient, source, "api/v1/namespaces/"+url.PathEscape(name), r)
	if status, ok := errors.AsType[*statusError](err); ok && status.Reason == metav1.StatusReasonNotFound {
		return fmt.Errorf("%s %w: -n or namespace-selectors.include names it", source, ErrNotFound)
	}
	if odd, ok := errors.AsType[*oddObject](err); ok {
		return unreadable("namespace", name, odd)
	}
	if err == nil && string(r.Metadata.Name) != name {
		err = malformed(fmt.Errorf("namespace %q in the place of it", printable(string(r.Metadata.Name))))
	}
	if err != nil {
		return fmt.Errorf("get %s: %w", source, err)
	}
	return nil
}
