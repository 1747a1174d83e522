package transport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// errNoTime ends the attempts of a policy with little time.
var errNoTime = errors.New("no time left for another attempt")

// LongestRetryAfter is how long a receiver may ask to be left alone.
const LongestRetryAfter = 24 * time.Hour

// RetryPolicy is how patiently something is tried again: pauses are drawn evenly from zero to a ceiling that doubles from
// First to Most ("full jitter"), so that a thousand clusters that lost the same receiver do not come back as one.
type RetryPolicy struct {
	First, Most time.Duration
	Within      time.Duration // no attempt begins later than this after the first; 0: the context alone decides
	Silence     time.Duration // up to this, a silence makes the next attempt twice as patient; 0: it does not
}

// moreThan is the silence that is borne after one that was not. To send a report again that the service is still
// storing would keep it from ever finishing.
func (p RetryPolicy) moreThan(silence time.Duration) time.Duration {
	return max(silence, min(2*silence, p.Silence))
}

// pause is how long to wait after attempt n, at least as long as the receiver asked for.
func (p RetryPolicy) pause(n int, asked time.Duration) time.Duration {
	ceiling := p.Most
	if doublings := n - 1; doublings < 30 {
		ceiling = min(p.Most, p.First<<doublings)
	}
	return asked + rand.N(ceiling+1) //nolint:gosec // jitter is no secret
}

// timeLeft says why no attempt can begin after another pause. Waiting for a deadline that cannot be met helps nobody.
func (p RetryPolicy) timeLeft(ctx context.Context, begin time.Time, wait time.Duration) error {
	next := time.Now().Add(wait)
	if deadline, ok := ctx.Deadline(); ok && next.After(deadline) {
		return context.DeadlineExceeded
	}
	if p.Within > 0 && next.Sub(begin) > p.Within {
		return errNoTime
	}
	return nil
}

// Sleep says whether d passed before ctx ended.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Ended is why a context ended: the fact, and the cause if it has one.
func Ended(ctx context.Context) error {
	fact, why := ctx.Err(), context.Cause(ctx)
	if errors.Is(why, fact) {
		return why
	}
	return fmt.Errorf("%w: %w", fact, why)
}

// transient says whether a status is of the kind that passes by itself (RFC 9110 section 15, RFC 6585, RFC 8470).
func transient(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}

// RetryAfter reads the header of that name: seconds, or an HTTP date (RFC 9110 section 10.2.3), which is compared with
// the receiver's own clock where it tells it. Zero when there is nothing to wait for, and at most a day: the year 9999 is
// a way to say never, and a pause that long cannot be added to anything.
func RetryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, LongestRetryAfter)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(0, until.Sub(now)), LongestRetryAfter)
}
