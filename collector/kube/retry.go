package kube

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"stocktake/collector/kubeconfig"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// maxRetryAfter bounds how long a server may ask us to wait.
const maxRetryAfter = time.Minute

// retryPolicy says how often and how long a request is repeated.
type retryPolicy struct {
	attempts int           // in a row
	first    time.Duration // the wait after the first failure, doubled each time
	longest  time.Duration // the wait after any, unless the server asks for more
	timeout  time.Duration // of one attempt that hears nothing
}

// attempts counts failures in a row and remembers the last.
type attempts struct {
	retryPolicy
	failed  int
	last    error
	refused bool // a 401 was among them
}

// next decides what becomes of a failure: the wait before the request is
// repeated, or the error to give up with.
func (a *attempts) next(ctx context.Context, err error) (time.Duration, error) {
	if _, plugin := errors.AsType[*kubeconfig.PluginError](err); plugin {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, a.interrupted(ctx)
	}
	a.failed++
	a.last = err
	if !a.repeatable(err) {
		return 0, unavailable(err)
	}
	if a.failed >= a.most(err) {
		return 0, fmt.Errorf("gave up after %d attempts: %w", a.failed, unavailable(err))
	}
	wait := a.delay(a.failed, err)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return 0, fmt.Errorf("no time left to try again in %s: %w", wait.Round(time.Millisecond), unavailable(err))
	}
	return wait, nil
}

// most is how often a request is made. A conversion webhook that is down may take half a
// minute each time.
func (a *attempts) most(err error) int {
	if _, conversion := StoredVersion(err); conversion {
		return min(2, a.attempts)
	}
	return a.attempts
}

// pause waits before the next attempt.
func (a *attempts) pause(ctx context.Context, wait time.Duration) error {
	if !transport.Sleep(ctx, wait) {
		return a.interrupted(ctx)
	}
	return nil
}

// interrupted is the end of the run. When it came while a request was being
// repeated, what made that necessary is the better explanation.
func (a *attempts) interrupted(ctx context.Context) error {
	if a.last == nil {
		return transport.Ended(ctx)
	}
	return fmt.Errorf("%w, while trying again after: %w", transport.Ended(ctx), unavailable(a.last))
}

// blame finds the cause of an error that is only the end of the run: what was
// being repeated when it came.
func (a *attempts) blame(ctx context.Context, err error) error {
	if err == nil || a.last == nil || ctx.Err() == nil || marked(err) {
		return err
	}
	return a.interrupted(ctx)
}

// delay is exponential, spread by half to either side so that clients that
// failed together do not come back together, and never shorter than the server
// asks for.
func (p retryPolicy) delay(attempt int, err error) time.Duration {
	wait := min(p.first<<min(attempt-1, 20), p.longest)
	wait = wait/2 + rand.N(wait+1) //nolint:gosec // jitter is no secret
	if status, ok := errors.AsType[*statusError](err); ok {
		wait = max(wait, min(status.RetryAfter, maxRetryAfter))
	}
	return wait
}

// repeatable reports whether the same request may well succeed soon. A 401 is
// worth one more: it makes client-go fetch fresh credentials.
func (a *attempts) repeatable(err error) bool {
	status, ok := errors.AsType[*statusError](err)
	if !ok {
		return !errors.Is(err, errAnswer) && !hopeless(err)
	}
	if status.Code == http.StatusUnauthorized {
		before := a.refused
		a.refused = true
		return !before
	}
	return status.temporary()
}

// hopeless reports an error of the connection that no repetition will mend.
func hopeless(err error) bool {
	if errors.Is(err, settings.ErrInvalid) {
		return true
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	return certificate || plain || errors.Is(err, http.ErrSchemeMismatch)
}

// seatless is how long a request must have waited for a 429 to mean that there
// were not enough seats for it; the API server lets it wait for 15 s by default.
const seatless = 5 * time.Second

// shrinks reports a failure that smaller pages avoid: the server ran out of its
// time for one request (60 s by default), or of seats, of which a large page takes
// more. A 429 that comes at once is none: it is a queue that is full, and whoever
// is turned away at the door gains nothing by coming ten times as often.
func shrinks(err error) bool {
	status, ok := errors.AsType[*statusError](err)
	if !ok {
		return isCut(err) || errors.Is(err, errStalled) || errors.Is(err, errTooLong)
	}
	switch status.Code {
	case http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return !status.tooNew()
	case http.StatusTooManyRequests:
		return status.Waited >= seatless
	}
	return false
}

// unavailable marks an error of the connection; the server's own words carry
// their mark already, and so does a proxy that refuses.
func unavailable(err error) error {
	if marked(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// marked reports an error that says what would mend it.
func marked(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrRefused) || errors.Is(err, settings.ErrInvalid)
}
