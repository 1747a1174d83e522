// Package collector runs one collection from end to end: it reads the
// settings, asks receiver and API server whether the run can succeed at all,
// lists the cluster once, hands the records to the encoder and the finished
// bodies to the receivers, and says in a summary and an exit code what came of
// it.
//
// Two promises are kept here and nowhere else. A run is complete or it is not
// delivered: what could not be read is a gap, and gaps stop the delivery unless
// allow-incomplete says otherwise. And a run ends with a status that names the
// cause, because Kubernetes decides by it whether to try again.
//
// Producers (kube) and consumers (payload, deliver, report, metrics) do not know each
// other; this package composes them. Package view, for people, and the command line
// stand on top of it: Start is how each of their commands begins, a Plan is what the
// settings come to, Read shows the pods of a cluster or of a saved inventory, and OpenObjects whole
// objects.
package collector

import (
	"context"
	"errors"
	"time"

	"stocktake/collector/history"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
)

// Run makes one collection and returns the exit code. It has logged everything
// there is to say when it returns.
func Run(ctx context.Context, inv Invocation) Code {
	var p phases
	return Start(ctx, inv, Command{
		Do: func(ctx context.Context, s *Session) (err error) {
			p, err = collect(ctx, s)
			return err
		},
		End: func(ctx context.Context, s *Session, err error) Code { return conclude(ctx, s, p, err) },
	})
}

// collect is a run: the flow of the design, one way only. What the phases returned
// stands also when a later one fails.
func collect(ctx context.Context, s *Session) (p phases, err error) {
	var planning float64 // next to nothing
	p.plan, err = phase(&planning, func() (*Plan, error) { return newPlan(s) })
	s.warn() // after the line that names the cluster
	if err != nil {
		return p, err
	}
	if p.plan.objects != nil {
		defer collectOften(s.Environ)()
	}
	if other := p.plan.unprinted(s.Settings); other != "" {
		s.Log.Info().Msg(other)
	}
	p.server, err = phase(&p.seconds.Preflight, func() (server, error) { return preflight(ctx, s, p.plan) })
	if err != nil {
		return p, err
	}
	obj, err := phase(&p.seconds.Preflight, func() (*objectMaker, error) { return openObjects(ctx, s, p.plan, p.server) })
	defer obj.discard()
	defer func() { obj.abandon(ctx, err) }()
	if err != nil {
		return p, err
	}
	about := inventory.Cluster{Name: p.plan.Cluster, Collected: s.started(), Server: p.server.version}
	p.known, err = phase(&p.seconds.Cluster, func() (description, error) { return p.plan.describe(ctx, about, obj) })
	if err != nil {
		return p, err
	}
	inv, err := phase(&p.seconds.Cluster, func() (*inventoryMaker, error) { return openInventory(s, p.plan, p.known.cluster) })
	defer inv.discard()
	if err != nil {
		return p, err
	}
	p.read, err = phase(&p.seconds.Pods, func() (reading, error) { return readAll(ctx, p.plan, p.known, inv, obj) })
	if err == nil {
		p.results, err = phase(&p.seconds.Delivery, func() ([]result, error) { return closeAll(ctx, p.read.outcome, p.known.cluster.UID, inv, obj) })
	}
	if err == nil {
		err = Verdict(p.gaps())
	}
	var unrecorded error
	p.recorded, unrecorded = phase(&p.seconds.History, func() (*history.Recorded, error) { return record(ctx, s, p, inv, err) })
	return p, errors.Join(err, unrecorded)
}

// phase does a part of a run, adds how long it took to the seconds, and returns a panic
// in it as an error.
func phase[T any](seconds *float64, do func() (T, error)) (made T, err error) {
	start := time.Now()
	err = kube.Caught(func() (err error) {
		made, err = do()
		return err
	})
	*seconds = roundSeconds(time.Duration(*seconds*float64(time.Second)) + time.Since(start))
	return made, err
}

// preflight finds out whether the run can succeed before it costs anything.
func preflight(ctx context.Context, s *Session, p *Plan) (server, error) {
	for _, r := range p.Receivers {
		if err := r.preflight(ctx); err != nil {
			return server{}, unreached{err, r.anchore != nil}
		}
	}
	if err := checkHistory(ctx, s); err != nil {
		return server{}, err
	}
	it, err := p.reader.preflight(ctx, p.reads())
	if err != nil || p.objects == nil {
		return it, err
	}
	if it.types, it.noObjects = chooseObjects(ctx, p); !p.inventory() || ctx.Err() != nil {
		err = it.noObjects
	}
	return it, err
}

// unreached is the error of a receiver that is not there.
type unreached struct {
	error
	anchore bool
}

// Unwrap is the error itself.
func (u unreached) Unwrap() error { return u.error }

// conclude says how the run went, to everybody who wants to know.
func conclude(ctx context.Context, s *Session, p phases, err error) Code {
	if p.plan == nil {
		s.warn()
		p.plan = &Plan{}
	}
	sum := summarize(ctx, s, p, err)
	p.plan.Close()   // there may be no file to spare
	sum.terminate(s) //nolint:contextcheck // that of the run may have ended, and this must be written
	if away, ok := errors.AsType[unreached](err); p.plan.complete() && !p.made().told && (!ok || !away.anchore) {
		to := p.plan.introduction(p.known.cluster.UID)
		to.failure = sum.Reason
		registerFailure(ctx, s, to)
	}
	p.plan.Close()
	measure(ctx, s, sum, p.made().images)
	sum.write(s)
	return sum.Code
}
