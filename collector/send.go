package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// Send delivers bodies that were saved earlier, for sites without a steady
// connection: what -dry-run printed, or what a receiver of files wrote. The path
// "-" stands for stdin. A body that receivers would refuse is not sent.
func Send(ctx context.Context, inv Invocation, path string, stdin io.Reader) Code {
	return execute(ctx, inv, (*run).prepareSend, func(r *run, ctx context.Context) error { return r.send(ctx, path, stdin) })
}

func (r *run) prepareSend() error {
	if router, err := r.set.Route.router(r.set.Anchore.Account); err != nil || router != nil {
		return errors.Join(err, settings.Invalid("account-routes", "a saved body does not say whom it is for: send it with anchore.account and without routes"))
	}
	if err := r.aimAll(); err != nil {
		return err
	}
	if len(r.targets) == 0 {
		return fmt.Errorf("%w: nowhere to send to: set ANCHORE_URL, ANCHORE_USER and ANCHORE_PASSWORD, or deliver.http.url", settings.ErrInvalid)
	}
	return nil
}

func (r *run) send(ctx context.Context, path string, stdin io.Reader) error {
	bodies, discard, err := r.saved(path, stdin)
	if err != nil {
		return err
	}
	defer discard()
	if err := errors.Join(r.wanted(bodies), r.whole(bodies), r.filled(bodies)); err != nil {
		return err
	}
	for _, t := range r.targets {
		if err := t.preflight(ctx); err != nil {
			return err
		}
	}
	var errs []error
	for _, t := range r.targets {
		errs = append(errs, r.deliverTo(ctx, t, bodies))
	}
	return cmp.Or(errors.Join(errs...), r.verdict())
}

// whole refuses bodies that were saved as incomplete, before any is sent, unless that is allowed. What they lack is what
// the delivery lacks.
func (r *run) whole(bodies []*payload.Body) error {
	for _, body := range bodies {
		if body.Incomplete && len(body.Gaps) == 0 {
			r.summary.Gaps = append(r.summary.Gaps, inventory.Gap{Source: "saved inventory", Reason: "it was saved as incomplete"})
		}
		r.summary.Gaps = append(r.summary.Gaps, body.Gaps...)
	}
	if r.summary.complete() || r.set.Run.AllowIncomplete {
		return nil
	}
	gap := r.summary.Gaps[0]
	return fmt.Errorf("%w: the inventory was saved as incomplete, and is not sent unless allow-incomplete=true: %s: %s", settings.ErrInvalid, gap.Source, gap.Reason)
}

// filled refuses bodies that have not one pod between them, as a run does.
func (r *run) filled(bodies []*payload.Body) error {
	for _, body := range bodies {
		if !body.Empty {
			return nil
		}
	}
	if r.set.Run.AllowEmpty {
		return nil
	}
	return fmt.Errorf("%w: not one pod in the saved inventory: it is not sent unless allow-empty=true", errEmpty)
}

// saved opens the file and takes its bodies over.
func (r *run) saved(path string, stdin io.Reader) ([]*payload.Body, func(), error) {
	in, name, err := openSaved(path, stdin)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	bodies, discard, err := payload.Saved(in, r.set.Payload)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return bodies, discard, nil
}

// wanted refuses bodies that no receiver is set up for, before any is sent.
func (r *run) wanted(bodies []*payload.Body) error {
	for _, body := range bodies {
		for _, t := range r.targets {
			if t.kind != body.Kind {
				return fmt.Errorf("%w: the saved body is of the kind %s, and a receiver takes %s: see anchore.api-version, deliver.http.kind and deliver.file.kind", settings.ErrInvalid, body.Kind, t.kind)
			}
		}
	}
	return nil
}
