// Package doctor says before a run what would go wrong in it, and the way out.
//
// It looks at everything that a run depends on, in the order in which a run would find
// out: the settings, the API server with its rights and queues, the receivers, this machine. It
// asks as a run would ask, by the same code where there is one, and ends with the exit
// code of a run. Each package that talks to somebody brings its own probe.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"stocktake/collector"
	"stocktake/collector/logging"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
	"stocktake/collector/terminal"
)

// Run looks at everything that a run with these settings depends on, tells
// what is wrong and what would help, and returns the exit code that the run would
// end with, as far as that can be known: nothing is sent, and nothing that is
// written stays. The format is text, which is shown as it becomes known, or json.
func Run(ctx context.Context, inv collector.Invocation, format string) collector.Code {
	if err := settings.OneOf("-o", format, "text", "json"); err != nil {
		fmt.Fprintf(inv.Stderr, "stocktake: %v\n", err)
		return collector.BadSettings
	}
	var d *doctor
	return collector.Start(ctx, inv, collector.Command{
		LogAs:  onlyDebugging,
		Anyway: true,
		Do: func(within context.Context, s *collector.Session) error {
			s.Stdout = terminal.WhileRunning(outlasting(within, terminal.LastWords), s.Stdout)
			d = newDoctor(s, format)
			d.examine(within)
			return nil
		},
		End: func(within context.Context, s *collector.Session, err error) collector.Code {
			if err != nil {
				fmt.Fprintf(s.Stderr, "stocktake: %s\n", plaintext.Escape(err.Error()))
				return collector.CodeOf(within, err)
			}
			return d.conclude(within, format)
		},
	})
}

// onlyDebugging is no log, unless somebody looks for a mistake.
func onlyDebugging(o logging.Options, _ settings.Given) logging.Options {
	if o.Level == "debug" {
		return logging.Options{Level: o.Level}
	}
	return logging.Options{Quiet: true}
}

// outlasting is a context that ends some time after another, with its cause.
func outlasting(ctx context.Context, later time.Duration) context.Context {
	lasting, end := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		time.AfterFunc(later, func() { end(context.Cause(ctx)) })
	})
	return lasting
}

// examine does all checks, in the order in which a run would find out.
func (d *doctor) examine(ctx context.Context) {
	d.settings()
	d.plan = d.prepare()
	defer d.plan.Close()
	if ctx.Err() == nil {
		d.server(ctx)
	}
	if ctx.Err() == nil {
		d.receivers(ctx)
	}
	if ctx.Err() == nil {
		d.history(ctx)
	}
	if ctx.Err() == nil {
		d.machine()
	}
}

// conclude says what a run would end with.
func (d *doctor) conclude(ctx context.Context, format string) collector.Code {
	end := d.outcome()
	if end.err == nil && ctx.Err() != nil {
		end = fault{context.Cause(ctx), context.Cause(ctx).Error()}
	}
	code, verdict, says := collector.CodeOf(ctx, end.err), report.Passed, "A run would succeed, as far as can be known without one."
	switch {
	case ctx.Err() != nil:
		verdict, says = report.Failed, "The examination did not come to its end: "+context.Cause(ctx).Error()
	case code != collector.OK:
		verdict, says = report.Failed, fmt.Sprintf("A run would end with exit code %d (%s): %s", code, meaning(code), end.says)
	}
	if format == "json" {
		d.note(d.checks.JSON(d.session.Stdout, int(code), end.says))
	} else {
		d.note(d.checks.Conclude(verdict, says))
	}
	if d.shown != nil {
		fmt.Fprintf(d.session.Stderr, "stocktake: %v\n", d.shown)
		return max(code, collector.Unexpected)
	}
	return code
}

// outcome is what a run would fail with: the first fault, or all of those that
// receivers have at delivery.
func (d *doctor) outcome() fault {
	for _, faults := range d.faults[:inDelivery] {
		if len(faults) > 0 {
			return faults[0]
		}
	}
	var all []error
	var says []string
	for _, f := range d.faults[inDelivery] {
		all, says = append(all, f.err), append(says, f.says)
	}
	if len(all) > 0 {
		return fault{errors.Join(all...), strings.Join(slices.Compact(says), "; ")}
	}
	if unrecorded := d.faults[inRecording]; len(unrecorded) > 0 {
		return unrecorded[0]
	}
	if err := collector.Verdict(d.gaps); err != nil {
		return fault{err, plainly(err)}
	}
	return fault{}
}

// meaning is that of an exit code.
func meaning(code collector.Code) string {
	for _, text := range collector.ExitTexts() {
		if text.Code == code {
			return text.Meaning
		}
	}
	return "unknown"
}
