package deliver

import (
	"context"
	"errors"
	"time"

	"stocktake/collector/transport"
)

// retry calls attempt until it succeeds, fails for good, or no time is left for another one. Each pause is announced to
// waiting.
func retry(ctx context.Context, policy transport.RetryPolicy, attempt func(n int) *Error, waiting func(*Error, time.Duration)) *Error {
	begin := time.Now()
	var last *Error // the last fault that is not just the end of ctx
	for n := 1; ; n++ {
		fault := attempt(n)
		if fault == nil {
			return nil
		}
		fault.Attempts = n
		if !fault.again {
			return fault
		}
		if ctx.Err() == nil || fault.Status != 0 {
			last = fault
		}
		if ctx.Err() != nil {
			return interrupted(ctx, fault, last)
		}
		wait := policy.Pause(n, fault.after)
		if err := policy.TimeLeft(ctx, begin, wait); err != nil {
			return ended(last, err)
		}
		waiting(fault, wait)
		if !transport.Sleep(ctx, wait) {
			return interrupted(ctx, fault, last)
		}
	}
}

// interrupted is the error when ctx ended at current, after last. When a deadline passes while something is tried
// again, the receiver is to blame for that, not the run; a caller who called it off is not answered with the receiver's
// faults, nor is one whose deadline passed in the middle of the first attempt.
func interrupted(ctx context.Context, current, last *Error) *Error {
	if last != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e := ended(last, ctx.Err())
		e.Attempts = current.Attempts
		return e
	}
	e := ended(current, ctx.Err())
	e.kind = nil
	return e
}

// ended is fault with the reason why it is not tried again.
func ended(fault *Error, why error) *Error {
	e := *fault
	e.again, e.ended = false, why
	return &e
}
