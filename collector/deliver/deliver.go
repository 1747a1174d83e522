package deliver

import (
	"context"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

// Receiver is somebody who wants inventories.
type Receiver interface {
	// Deliver returns nil only when the receiver has taken the body over. The receipt tells what was tried in any case.
	Deliver(ctx context.Context, body *payload.Body) (Receipt, error)
}

// Receipt tells how a delivery went.
type Receipt struct {
	Receiver string        // URL, without credentials
	Account  string        // whose inventory it is; empty for the user's own
	Status   int           // of the last answer, 0 when there was none
	Attempts int           // requests made, with those of the other encoding
	Encoding string        // of the last attempt, transport.Gzip or transport.Identity
	Bytes    int64         // of the body, handed to the network in the last attempt
	FellBack bool          // the compressed body was refused, the plain one was sent
	Duration time.Duration // from the first attempt to the last answer, with all pauses
}

// Event is something worth a log line that is not an error (yet). It never holds a secret.
type Event struct {
	Receiver string        // URL, without credentials
	Message  string        // what happened, in lower case
	Warning  bool          // somebody should look into it
	Err      error         // the cause, if there is one
	Wait     time.Duration // the pause before the next attempt, if there is one
}

// Prober is a receiver that can be looked at without giving it anything. It is
// reached in the way in which a run reaches it in preflight, and tells what was
// found as it is found.
type Prober interface {
	// Where is the address, without secrets.
	Where() string
	Probe(ctx context.Context, about Survey, tell func(transport.Finding))
}

// Survey is what a probe asks about.
type Survey struct {
	Cluster        string   // whose inventory it would be
	Accounts       []string // that would get one; empty for the one of the settings
	DefaultAccount string   // that gets those of unknown accounts
	Introduces     bool     // whether runs register as an integration
}
