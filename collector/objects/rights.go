package objects

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"stocktake/collector/kube"
	"stocktake/collector/objecttype"
)

// maxReviews is how many rights are asked about before anything is read. With more types, what
// is forbidden turns up when it is listed, which costs no request more.
const maxReviews = 200

// Rights are those that a role grants for reading the types in this scope: all of a group that
// is named as a whole, and else one by one.
func (p *Plan) Rights(found kube.Discovered, s kube.Scope) []kube.Right {
	return p.withHelm(p.types.Rights(found, s), s)
}

// rights are those that reading the chosen types takes, no more.
func (p *Plan) rights(s kube.Scope, chosen Choices) []kube.Right {
	return p.withHelm(s.Rights(chosen.Resources()), s)
}

// withHelm adds the rights that releases of Helm take.
func (p *Plan) withHelm(rights []kube.Right, s kube.Scope) []kube.Right {
	for _, right := range s.Rights(p.options.helmResources()) {
		if !slices.Contains(rights, right) {
			rights = append(rights, right)
		}
	}
	return rights
}

// Available returns why a type that was chosen cannot be read, unless that is allowed.
func (p *Plan) Available(chosen Choices) error {
	for _, choice := range chosen.Types {
		if choice.State == objecttype.Unavailable && !p.incomplete {
			return fmt.Errorf("objects: %s: %w", choice.FullName(), choice.Cause)
		}
	}
	return nil
}

// Preflight finds out whether the types may be listed before any of them is: who lacks a right
// reads all that is missing in one error. Where the server does not tell, it passes.
func (p *Plan) Preflight(ctx context.Context, c *kube.Cluster, s kube.Scope, chosen Choices) error {
	if err := p.Available(chosen); err != nil {
		return err
	}
	rights := p.rights(s, chosen)
	if p.options.SkipForbidden || len(rights) > maxReviews {
		return nil
	}
	refused := make([]bool, len(rights))
	todo := make(chan int, len(rights))
	for i := range rights {
		todo <- i
	}
	close(todo)
	var workers sync.WaitGroup
	for range min(p.options.Workers, len(rights)) {
		workers.Go(func() {
			for i := range todo {
				may, err := c.May(ctx, rights[i])
				refused[i] = err == nil && !may
			}
		})
	}
	workers.Wait()
	var lacks []kube.Right
	for i, right := range rights {
		if refused[i] {
			lacks = append(lacks, right)
		}
	}
	if len(lacks) == 0 || ctx.Err() != nil {
		return nil
	}
	return forbidden(fmt.Errorf("%w: %s may not be listed", kube.ErrRefused, namesOf(lacks)), lacks)
}

// tolerable reports an error that may be a gap: what Kubernetes refused or did not answer.
func tolerable(err error) bool {
	return errors.Is(err, kube.ErrRefused) || errors.Is(err, kube.ErrUnavailable)
}
