package transport

import (
	"context"
	"errors"
	"time"
)

// Do makes a request until it succeeds, fails for good, or no time is left for another attempt. The answer is that of
// the last attempt, also when there is an error: the caller may know better what it means.
func (c *Client) Do(ctx context.Context, r Request) (Answer, *Error) {
	var a Answer
	silence := c.options.Silence
	e := c.retry(ctx, r.Retry, func(n int) *Error {
		var e *Error
		a, e = c.attempt(ctx, r, silence)
		a.Attempts = n
		if e != nil && r.Final != nil && r.Final(n, e) {
			e.again = false
		}
		if e != nil && isStall(e) {
			silence = r.Retry.moreThan(silence)
		}
		return e
	})
	return a, e
}

// retry calls attempt until it succeeds, fails for good, or no time is left. Each pause is announced.
func (c *Client) retry(ctx context.Context, policy RetryPolicy, attempt func(n int) *Error) *Error {
	begin := time.Now()
	var last *Error // the last one that is not just the end of ctx
	for n := 1; ; n++ {
		e := attempt(n)
		if e == nil {
			return nil
		}
		e.Attempts = n
		if !e.again {
			return e
		}
		if ctx.Err() == nil || e.Status != 0 {
			last = e
		}
		if ctx.Err() != nil {
			return interrupted(ctx, e, last)
		}
		wait := policy.pause(n, e.after)
		if err := policy.timeLeft(ctx, begin, wait); err != nil {
			return ended(last, err)
		}
		c.options.Waiting(e, wait)
		if !Sleep(ctx, wait) {
			return interrupted(ctx, e, last)
		}
	}
}

// interrupted is the error when ctx ended at current, after last. When a deadline passes while something is tried
// again, the service is to blame for that, not the run; a caller who called it off is not answered with the service's
// faults, nor is one whose deadline passed in the middle of the first attempt.
func interrupted(ctx context.Context, current, last *Error) *Error {
	if last != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e := ended(last, ctx.Err())
		e.Attempts = current.Attempts
		return e
	}
	e := ended(current, ctx.Err())
	e.Kind = Ours
	return e
}

// ended is an error with the reason why nothing is tried again.
func ended(e *Error, why error) *Error {
	again := *e
	again.again, again.GivenUp = false, why
	return &again
}
