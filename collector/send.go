package collector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
	"stocktake/collector/settings"
)

// Send delivers bodies that were saved earlier, for sites without a steady
// connection: what -dry-run printed, or what a receiver of files wrote. The path
// "-" stands for stdin. A body that receivers would refuse is not sent.
func Send(ctx context.Context, inv Invocation, path string) Code {
	var p phases
	return Start(ctx, inv, Command{
		Do: func(ctx context.Context, s *Session) (err error) {
			p, err = send(ctx, s, path)
			return err
		},
		End: func(ctx context.Context, s *Session, err error) Code {
			if p.plan == nil {
				s.warn()
				p.plan = &Plan{}
			}
			sum := summarize(ctx, s, p, err)
			p.plan.Close()
			sum.terminate(s) //nolint:contextcheck // that of the run may have ended, and this must be written
			sum.write(s)
			return sum.Code
		},
	})
}

func send(ctx context.Context, s *Session, path string) (p phases, err error) {
	p.plan, err = planToSend(s)
	s.warn()
	if err != nil {
		return p, err
	}
	bodies, discard, err := bodiesOf(s, path)
	if err != nil {
		return p, err
	}
	defer discard()
	p.known.gaps = gapsOf(bodies)
	if err := errors.Join(wanted(bodies, p.plan.Receivers), whole(p.gaps(), s.Settings.Run.AllowIncomplete), filled(bodies, s.Settings.Run.AllowEmpty)); err != nil {
		return p, err
	}
	for _, r := range p.plan.Receivers {
		if err := r.preflight(ctx); err != nil {
			return p, err
		}
	}
	d, err := sendAll(ctx, p.plan.Receivers, func(payload.Kind) []*payload.Body { return bodies })
	p.results = []result{{delivered: d}}
	if err != nil {
		return p, err
	}
	return p, Verdict(p.gaps())
}

// planToSend is a plan without a cluster.
func planToSend(s *Session) (*Plan, error) {
	p := &Plan{}
	if router, err := s.Settings.Route.Router(s.Settings.Anchore.Account); err != nil || router != nil {
		return p, errors.Join(err, settings.Invalid("account-routes", "a saved body does not say whom it is for: send it with anchore.account and without routes"))
	}
	var err error
	if p.Receivers, err = openReceivers(s); err != nil {
		return p, err
	}
	p.Receivers = slices.DeleteFunc(p.Receivers, func(r Receiver) bool { return r.infralight != nil }) // which takes runs, not bodies
	if len(p.Receivers) == 0 {
		return p, fmt.Errorf("%w: nowhere to send to: set ANCHORE_URL, ANCHORE_USER and ANCHORE_PASSWORD, or deliver.http.url", settings.ErrInvalid)
	}
	return p, nil
}

// bodiesOf opens the file and takes its bodies over.
func bodiesOf(s *Session, path string) ([]*payload.Body, func(), error) {
	in, name, err := openSaved(path, s.Stdin)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	bodies, discard, err := saved.Bodies(in, s.Settings.Payload)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return bodies, discard, nil
}

// openSaved opens what was saved earlier: a file, or stdin if the path is "-".
func openSaved(path string, stdin io.Reader) (in io.ReadCloser, name string, err error) {
	if path == "-" {
		return io.NopCloser(stdin), "stdin", nil
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder: give the file that was saved", path)
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(path)
	}
	if err != nil {
		return nil, path, fmt.Errorf("%w: %w", settings.ErrInvalid, err)
	}
	return file, path, nil
}

// gapsOf are what the bodies lack, which is what the delivery lacks.
func gapsOf(bodies []*payload.Body) (gaps []inventory.Gap) {
	for _, body := range bodies {
		if body.Incomplete && len(body.Gaps) == 0 {
			gaps = append(gaps, inventory.Gap{Source: "saved inventory", Reason: "it was saved as incomplete"})
		}
		gaps = append(gaps, body.Gaps...)
	}
	return gaps
}

// wanted refuses bodies that no receiver is set up for, before any is sent.
func wanted(bodies []*payload.Body, receivers []Receiver) error {
	for _, body := range bodies {
		for _, r := range receivers {
			if r.Kind != body.Kind {
				return fmt.Errorf("%w: the saved body is of the kind %s, and a receiver takes %s: see anchore.api-version, deliver.http.kind and deliver.file.kind", settings.ErrInvalid, body.Kind, r.Kind)
			}
		}
	}
	return nil
}

// whole refuses bodies that were saved as incomplete, before any is sent, unless that is
// allowed.
func whole(gaps []inventory.Gap, allowed bool) error {
	if len(gaps) == 0 || allowed {
		return nil
	}
	return fmt.Errorf("%w: the inventory was saved as incomplete, and is not sent unless allow-incomplete=true: %s: %s", settings.ErrInvalid, gaps[0].Source, gaps[0].Reason)
}

// filled refuses bodies that have not one pod between them, as a run does.
func filled(bodies []*payload.Body, allowed bool) error {
	for _, body := range bodies {
		if !body.Empty {
			return nil
		}
	}
	if allowed {
		return nil
	}
	return fmt.Errorf("%w: not one pod in the saved inventory: it is not sent unless allow-empty=true", ErrEmpty)
}
