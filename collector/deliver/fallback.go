package deliver

import (
	"context"
	"errors"

	"stocktake/collector/payload"
	"stocktake/collector/plaintext"
)

// WithDefaultAccount sends a body whose account the inner receiver does not know to the default account, once, and
// reports that as a warning. Every other fault stays one: a permission that is missing must not move an inventory to
// somebody else. The receipt tells whose it became. OnEvent may be nil.
func WithDefaultAccount(inner Receiver, account string, onEvent func(Event)) Receiver {
	if onEvent == nil {
		onEvent = func(Event) {}
	}
	return defaultAccount{inner, account, onEvent}
}

type defaultAccount struct {
	inner   Receiver
	account string
	report  func(Event)
}

// Deliver implements Receiver.
func (d defaultAccount) Deliver(ctx context.Context, body *payload.Body) (Receipt, error) {
	first, err := d.inner.Deliver(ctx, body)
	if !errors.Is(err, ErrAccountNotFound) || body.Account == d.account || first.Account == d.account {
		return first, err
	}
	d.report(Event{
		Receiver: first.Receiver,
		Message:  "account " + plaintext.Cut(first.Account, 200) + " is not known, sending to " + plaintext.Cut(d.account, 200),
		Warning:  true,
		Err:      err,
	})
	again := *body
	again.Account = d.account
	second, err := d.inner.Deliver(ctx, &again)
	second.Attempts += first.Attempts
	second.Duration += first.Duration
	return second, err
}
