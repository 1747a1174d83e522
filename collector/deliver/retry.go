package deliver

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// errNoTime ends the attempts of a pace that is in a hurry.
var errNoTime = errors.New("no time left for another attempt")

// longestAsked is how long a receiver may ask to be left alone.
const longestAsked = 24 * time.Hour

// pace is how patiently something is tried again: pauses are drawn evenly from zero to a ceiling that doubles from
// first to most ("full jitter"), so that a thousand clusters that lost the same receiver do not come back as one.
type pace struct {
	first, most time.Duration
	within      time.Duration // no attempt begins later than this after the first; 0: the context alone decides
}

// retry calls attempt until it succeeds, fails for good, or no time is left for another one. Each pause is announced to
// waiting.
func (p pace) retry(ctx context.Context, attempt func(n int) *Error, waiting func(*Error, time.Duration)) *Error {
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
		wait := p.pause(n, fault.after)
		if err := p.timeLeft(ctx, begin, wait); err != nil {
			return ended(last, err)
		}
		waiting(fault, wait)
		if !sleep(ctx, wait) {
			return interrupted(ctx, fault, last)
		}
	}
}

// pause is how long to wait after attempt n, at least as long as the receiver asked for.
func (p pace) pause(n int, asked time.Duration) time.Duration {
	ceiling := p.most
	if doublings := n - 1; doublings < 30 {
		ceiling = min(p.most, p.first<<doublings)
	}
	return asked + rand.N(ceiling+1) //nolint:gosec // jitter is no secret
}

// timeLeft says why no attempt can begin after another pause. Waiting for a deadline that cannot be met helps nobody.
func (p pace) timeLeft(ctx context.Context, begin time.Time, wait time.Duration) error {
	next := time.Now().Add(wait)
	if deadline, ok := ctx.Deadline(); ok && next.After(deadline) {
		return context.DeadlineExceeded
	}
	if p.within > 0 && next.Sub(begin) > p.within {
		return errNoTime
	}
	return nil
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

// sleep says whether d passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// transient says whether a status is of the kind that passes by itself (RFC 9110 section 15, RFC 6585, RFC 8470).
func transient(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}

// retryAfter reads the header of that name: seconds, or an HTTP date (RFC 9110 section 10.2.3), which is compared with
// the receiver's own clock where it tells it. Zero when there is nothing to wait for, and at most a day: the year 9999 is
// a way to say never, and a pause that long cannot be added to anything.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestAsked)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(0, until.Sub(now)), longestAsked)
}
