package deliver

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"stocktake/collector/transport"
)

// client has exchanges with a receiver, and tells what happens on the way.
type client struct {
	*transport.Client

	base   *url.URL
	retry  transport.RetryPolicy // of what must arrive
	report func(Event)
}

// newClient returns one for the address. OnEvent may be nil.
func newClient(base *url.URL, o transport.Options, onEvent func(Event)) (*client, error) {
	if onEvent == nil {
		onEvent = func(Event) {}
	}
	o.Waiting = func(e *transport.Error, wait time.Duration) {
		onEvent(Event{Receiver: e.URL, Message: "trying again", Err: e, Wait: wait})
	}
	c, err := transport.NewClient(o)
	if err != nil {
		return nil, err
	}
	return &client{Client: c, base: base, retry: patiently(), report: onEvent}, nil
}

// patiently is for what must arrive: for as long as the context lets it.
func patiently() transport.RetryPolicy {
	return transport.RetryPolicy{First: 250 * time.Millisecond, Most: 30 * time.Second, Silence: 5 * time.Minute}
}

// hurriedly is for questions of preflight: a service that is down is told within some three seconds, a slow answer is
// waited for.
func hurriedly() transport.RetryPolicy {
	return transport.RetryPolicy{First: 250 * time.Millisecond, Most: hurry, Within: hurry}
}

const hurry = 3 * time.Second

// warnInsecure is loud in every run.
func (c *client) warnInsecure() {
	for _, doubt := range c.Doubts(c.base) {
		c.report(Event{Receiver: c.base.Scheme + "://" + c.base.Host, Message: doubt, Warning: true})
	}
}

// taken are the statuses of success after a POST. Others of 2xx make no sense there, such as that of a partial or
// foreign content.
func taken() []int {
	return []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent}
}

// telling gives the errors of a probe the kinds of those of a run.
func telling(tell func(transport.Finding)) func(transport.Finding) {
	return func(f transport.Finding) {
		if e, ok := errors.AsType[*transport.Error](f.Err); ok {
			f.Err = failed(e)
		}
		tell(f)
	}
}
