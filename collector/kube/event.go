package kube

import (
	"sync"
	"time"
)

// EventKind says what happened in a listing.
type EventKind string

// The events of a listing.
const (
	PageRead EventKind = "page"   // a page was read to its end
	Retry    EventKind = "retry"  // a request failed and will be repeated after Wait
	Resume   EventKind = "resume" // the token expired, or the moment is not served; the listing goes on at a later one
)

// Event is one step of a listing, for progress bars and logs.
type Event struct {
	Kind      EventKind
	Source    string        // what is listed: "pods", "pods of namespace team-a"
	Page      int           // counted from 1
	Items     int           // visited so far in this listing
	Bytes     int64         // read so far for this listing, pages under way included
	Remaining int64         // objects after this page, as far as the server says; 0 when it does not
	Limit     int           // objects asked for per page from now on
	Attempt   int           // of a Retry, counted from 1
	Wait      time.Duration // until the request is repeated
	Err       error         // what failed, of a Retry
}

// observer hands events to OnEvent one at a time.
type observer struct {
	mu sync.Mutex
	on func(Event)
}

func (o *observer) emit(e Event) {
	if o.on == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on(e)
}
