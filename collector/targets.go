package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stocktake/collector/deliver"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// target is somebody who gets the result.
type target struct {
	kind      payload.Kind
	preflight func(context.Context) error
	receiver  deliver.Receiver
	prober    deliver.Prober
	anchore   bool // whether its deliveries are told to Anchore's list of integrations
}

// encoder makes the bodies of one kind, for all targets of that kind.
type encoder struct {
	kind    payload.Kind
	builder *payload.Builder
	bodies  []*payload.Body
}

func (e *encoder) discard() { e.builder.Discard() }

// aim decides who gets the result and who looks on.
func (r *run) aim() error {
	o := r.set.Run
	naming, err := r.set.Payload.Naming()
	if err != nil {
		return err
	}
	if !o.DryRun {
		if err := r.aimAll(); err != nil {
			return err
		}
	}
	r.printed = r.prints()
	if r.printed == "table" {
		r.table = report.NewTable(naming)
	}
	if len(r.targets) == 0 && r.printed == "" {
		return fmt.Errorf("%w: nowhere to deliver to: set ANCHORE_URL, ANCHORE_USER and ANCHORE_PASSWORD, or another receiver (deliver.http.url, deliver.file.path), or print with -dry-run or -output table", settings.ErrInvalid)
	}
	return nil
}

// aimAll sets up every receiver that the settings name.
func (r *run) aimAll() error {
	return errors.Join(r.aimAtAnchore(), r.aimAtHTTP(), r.aimAtFile())
}

// prints returns the form in which the result is printed, empty if it is not.
// Settings files of KAI name a form whether or not anybody looks at stdout, so
// there it counts only when nothing is delivered or printing is asked for.
func (r *run) prints() string {
	o := r.set.Run
	asked := o.DryRun || o.Verbose || len(r.targets) == 0 || !r.set.Values["output"].FromFile()
	switch {
	case !asked:
		return ""
	case o.Output == "" && (o.DryRun || o.Verbose):
		return "json"
	}
	return o.Output
}

func (r *run) aimAtAnchore() error {
	o := r.set.Anchore
	if !o.Configured() {
		return nil
	}
	o.Accounts = r.set.Route.credentials()
	anchore, err := deliver.NewAnchore(o, r.userAgent(), r.onDelivery)
	if err != nil {
		return err
	}
	var receiver deliver.Receiver = anchore
	if account := r.set.Route.DefaultAccount; account != "" {
		receiver = deliver.WithDefaultAccount(anchore, account, r.onDelivery)
	}
	r.closers = append(r.closers, anchore.Close)
	r.anchore = anchore
	r.targets = append(r.targets, &target{kind: anchore.Kind(), preflight: anchore.Preflight, receiver: receiver, prober: anchore, anchore: true})
	return nil
}

func (r *run) aimAtHTTP() error {
	if !r.set.HTTP.Configured() {
		return nil
	}
	service, err := deliver.NewHTTP(r.set.HTTP, r.userAgent(), r.onDelivery)
	if err != nil {
		return err
	}
	r.closers = append(r.closers, service.Close)
	r.targets = append(r.targets, &target{kind: service.Kind(), preflight: service.Preflight, receiver: service, prober: service})
	return nil
}

func (r *run) aimAtFile() error {
	if !r.set.File.Configured() {
		return nil
	}
	file, err := deliver.NewFile(r.set.File)
	if err != nil {
		return err
	}
	r.targets = append(r.targets, &target{kind: file.Kind(), preflight: file.Preflight, receiver: file, prober: file})
	return nil
}

// printedKind is the kind of body that is printed: the one that was asked for,
// else that of the first receiver there is or would be.
func (r *run) printedKind() payload.Kind {
	switch {
	case r.set.Run.OutputKind != "":
		return payload.Kind(r.set.Run.OutputKind)
	case r.set.Anchore.Configured():
		return r.set.Anchore.Kind()
	case r.set.HTTP.Configured():
		return payload.Kind(r.set.HTTP.Kind)
	case r.set.File.Configured():
		return payload.Kind(r.set.File.Kind)
	}
	return r.set.Anchore.Kind()
}

// encode starts an encoder for each kind of body that somebody wants, or for
// what is printed.
func (r *run) encode() error {
	kinds := make([]payload.Kind, 0, len(r.targets)+1)
	for _, t := range r.targets {
		kinds = append(kinds, t.kind)
	}
	if r.printed == "json" {
		kinds = append(kinds, r.printedKind())
	}
	for _, kind := range kinds {
		if r.encoder(kind) != nil {
			continue
		}
		builder, err := payload.New(kind, r.head, r.set.Payload)
		if err != nil {
			return err
		}
		r.encoders = append(r.encoders, &encoder{kind: kind, builder: builder})
	}
	return nil
}

func (r *run) encoder(kind payload.Kind) *encoder {
	for _, e := range r.encoders {
		if e.kind == kind {
			return e
		}
	}
	return nil
}

// hand finishes the bodies, delivers them and prints what was asked for.
func (r *run) hand(ctx context.Context) error {
	if err := r.seal(); err != nil {
		return err
	}
	err := r.deliver(ctx)
	r.register(ctx)
	if err != nil {
		return err
	}
	switch r.printed {
	case "table":
		return r.table.Write(r.inv.Stdout)
	case "json":
		return r.print(r.encoder(r.printedKind()).bodies)
	}
	return nil
}

// seal finishes what was encoded. When no namespace was read in full there is
// nothing to deliver, and the run fails with what it tolerated first.
func (r *run) seal() error {
	outcome := inventory.Outcome{Complete: r.summary.complete(), Gaps: r.summary.Gaps, Listed: r.wholeListing, Listing: r.listing, Finished: time.Now()}
	for i, e := range r.encoders {
		var err error
		if e.bodies, err = e.builder.Close(outcome); err != nil {
			return err
		}
		stats := e.builder.Stats()
		if i == 0 {
			r.summary.Counts = stats
		}
		if r.gap != nil && stats.Namespaces == 0 {
			return fmt.Errorf("no namespace could be read in full: %w", r.gap)
		}
		if stats.Pods == 0 && !r.set.Run.AllowEmpty {
			return fmt.Errorf("%w: not one pod in the inventory%s: it is not delivered unless allow-empty=true", errEmpty, notIn(stats.Left))
		}
	}
	return nil
}

// notIn says what was left out, if anything was.
func notIn(left []payload.Left) string {
	if len(left) == 0 {
		return ""
	}
	return " (left out: " + leftOut(left) + ")"
}

func (r *run) print(bodies []*payload.Body) error {
	for _, body := range bodies {
		if err := deliver.Print(printed(r.inv.Stdout), body); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends every body to every target of its kind; one that fails does not
// keep the others back.
func (r *run) deliver(ctx context.Context) error {
	var errs []error
	for _, t := range r.targets {
		errs = append(errs, r.deliverTo(ctx, t, r.encoder(t.kind).bodies))
	}
	return errors.Join(errs...)
}

func (r *run) deliverTo(ctx context.Context, t *target, bodies []*payload.Body) error {
	var errs []error
	for _, body := range bodies {
		began := time.Now()
		receipt, err := t.receiver.Deliver(ctx, body)
		if t.anchore {
			r.reported = append(r.reported, deliver.Delivery{Account: receipt.Account, Time: began, Err: err})
		}
		r.summary.delivered(receipt, body, len(bodies) > 1, err)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// verdict is the last word on a run in which nothing failed outright.
func (r *run) verdict() error {
	if r.summary.complete() {
		return nil
	}
	return fmt.Errorf("%w: without what could not be read: %s", errIncomplete, r.summary.Gaps[0].Reason)
}
