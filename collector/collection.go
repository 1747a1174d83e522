package collector

import (
	"context"
	"errors"

	"stocktake/collector/inventory"
	"stocktake/collector/metrics"
	"stocktake/collector/payload"
)

// collection is one product of a run.
type collection struct {
	name  string
	reads []resource // the rights of a run, doctor's checks and the roles that rbac prints follow from it
	// open makes the consumer. What it holds is given back by discard.
	open func(*Session, *Plan, inventory.Cluster) (c consumer, discard func(), err error)
}

// consumer makes a collection of what is read, and closes it: finishes, delivers and
// prints it.
type consumer interface {
	inventory.Visitor
	Close(context.Context, inventory.Outcome) (result, error)
}

// result is what came of a collection.
type result struct {
	counts    payload.Stats
	images    *metrics.Census // nil unless somebody wants metrics
	delivered delivered
	told      bool // Anchore's list of integrations knows, or was to be told
}

// consumers are those of all collections of a run.
type consumers struct {
	all      []consumer
	discards []func()
}

// openAll opens all collections. What they hold is given back by discard, also after an
// error.
func openAll(s *Session, p *Plan, of inventory.Cluster) (opened consumers, err error) {
	for _, c := range collections() {
		one, discard, err := c.open(s, p, of)
		if err != nil {
			return opened, err
		}
		opened.all, opened.discards = append(opened.all, one), append(opened.discards, discard)
	}
	return opened, nil
}

func (c consumers) discard() {
	for _, one := range c.discards {
		one()
	}
}

// visitor shows each pod to all consumers.
func (c consumers) visitor() inventory.Visitor {
	var tee inventory.Tee
	for _, one := range c.all {
		tee = append(tee, one)
	}
	return tee
}

// closeAll closes every collection; one that cannot be delivered does not keep the others
// back.
func (c consumers) closeAll(ctx context.Context, outcome inventory.Outcome) (results []result, err error) {
	var errs []error
	for _, one := range c.all {
		made, err := one.Close(ctx, outcome)
		results, errs = append(results, made), append(errs, err)
	}
	return results, errors.Join(errs...)
}
