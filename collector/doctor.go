package collector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/report"
)

// Doctor looks at everything that a run with these settings depends on, tells
// what is wrong and what would help, and returns the exit code that the run would
// end with, as far as that can be known: nothing is sent, and nothing that is
// written stays. The format is text, which is shown as it becomes known, or json.
func Doctor(ctx context.Context, inv Invocation, format string) Code {
	if err := oneOf("-o", format, "text", "json"); err != nil {
		fmt.Fprintf(inv.Stderr, "stocktake: %v\n", err)
		return BadSettings
	}
	limitMemory(os.DirFS(cgroups), inv.Environ)
	inv.measured = true // as a run is, so that those settings count too
	d := doctor{run: &run{inv: inv, began: time.Now(), log: zerolog.Nop()}}
	var err error
	d.set, err = load(inv)
	ctx, cancel := context.WithTimeoutCause(ctx, d.deadline(), errDeadline)
	defer cancel()
	d.inv.Stdout = WhileRunning(outlasting(ctx, lastWords), inv.Stdout)
	endWith(ctx, inv.Stderr)
	if format == "json" {
		d.checks = report.NewChecks(nil, report.Screen{})
	} else {
		d.checks = report.NewChecks(d.inv.Stdout, d.screen(false))
	}
	d.settings(err)
	return d.examine(ctx, format)
}

// deadline is that of a run. One that makes no sense is told of with the settings.
func (d *doctor) deadline() time.Duration {
	if d.set.Run.Deadline <= 0 {
		return 10 * time.Minute // the default
	}
	return d.set.Run.Deadline
}

// moment is when in a run a fault would end it. The first counts.
type moment int

const (
	atStart     moment = iota // the settings
	inPreflight               // of the receivers
	inReading                 // of the cluster
	inDelivery
	moments
)

// doctor is an examination on its way.
type doctor struct {
	*run
	checks *report.Checks
	faults [moments][]fault
	shown  error // why the checks could not be shown
	pods   int64 // about as many as there are to read
}

// fault is what a run would fail with, and the words in which that was told.
type fault struct {
	err  error
	says string
}

// examine does all checks that are about others, in the order in which a run would find out.
func (d *doctor) examine(ctx context.Context, format string) Code {
	for _, look := range []func(context.Context){d.server, d.receivers, d.machine} {
		if ctx.Err() == nil {
			look(ctx)
		}
	}
	d.closeAll()
	return d.conclude(ctx, format)
}

// conclude says what a run would end with.
func (d *doctor) conclude(ctx context.Context, format string) Code {
	end := d.outcome()
	if end.err == nil && ctx.Err() != nil {
		end = fault{context.Cause(ctx), context.Cause(ctx).Error()}
	}
	code, verdict, says := codeOf(ctx, end.err), report.Passed, "A run would succeed, as far as can be known without one."
	switch {
	case ctx.Err() != nil:
		verdict, says = report.Failed, "The examination did not come to its end: "+context.Cause(ctx).Error()
	case code != OK:
		verdict, says = report.Failed, fmt.Sprintf("A run would end with exit code %d (%s): %s", code, meaning(code), end.says)
	}
	if format == "json" {
		d.note(d.checks.JSON(d.inv.Stdout, int(code), end.says))
	} else {
		d.note(d.checks.Conclude(verdict, says))
	}
	if d.shown != nil {
		fmt.Fprintf(d.inv.Stderr, "stocktake: %v\n", d.shown)
		return max(code, Unexpected)
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
	if err := d.verdict(); err != nil {
		return fault{err, plainly(err)}
	}
	return fault{}
}

// meaning is that of an exit code.
func meaning(code Code) string {
	for _, c := range exitCodes {
		if c.code == code {
			return c.meaning
		}
	}
	return "unknown"
}

// tell shows a check.
func (d *doctor) tell(area string, verdict report.Verdict, says, advice string) {
	d.note(d.checks.Add(report.Check{Area: area, Verdict: verdict, Says: says, Advice: advice}))
}

// fail shows a check that a run would not survive.
func (d *doctor) fail(when moment, area string, err error, advice string) {
	d.faults[when] = append(d.faults[when], fault{err, plainly(err)})
	d.tell(area, report.Failed, plainly(err), advice)
}

// note keeps the first error of showing.
func (d *doctor) note(err error) {
	if d.shown == nil {
		d.shown = err
	}
}

// plainly is an error without the mark of its package.
func plainly(err error) string {
	words := err.Error()
	for _, mark := range []string{"settings: ", "kubernetes is not available: ", "kubernetes refused: "} {
		words = strings.TrimPrefix(words, mark)
	}
	return words
}

// each are the errors that were joined, one by one: what wraps several stays whole.
func each(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || strings.Count(err.Error(), "\n") == 0 {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, each(one)...)
	}
	return all
}
