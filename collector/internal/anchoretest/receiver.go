package anchoretest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Receiver plays Anchore Enterprise. It is an http.Handler, safe for concurrent use.
type Receiver struct {
	options Options
	closed  chan struct{}
	close   sync.Once

	mu           sync.Mutex
	requests     []Request
	script       []Fault
	integrations map[string]bool // by UUID

	calling sync.Mutex // held while Options.OnRequest runs
}

// New returns a Receiver for a server of the caller's; Start has one at hand.
func New(o Options) *Receiver {
	return &Receiver{
		options:      o.withDefaults(),
		closed:       make(chan struct{}),
		script:       slices.Clone(o.Faults),
		integrations: map[string]bool{},
	}
}

// Close ends the faults that hang or dawdle, so that the server they run in can shut down. The Receiver goes on
// answering.
func (r *Receiver) Close() {
	r.close.Do(func() { close(r.closed) })
}

// ServeHTTP implements http.Handler.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	index, note := r.arrive(req)
	x := &exchange{
		receiver: r, req: req, index: index, note: note,
		path: strings.TrimPrefix(req.URL.Path, r.options.BasePath), in: intake{limit: r.options.KeepBody},
	}
	f := r.nextFault(req)
	switch f.Kind {
	case Pass:
		x.serve(w)
	case Slow:
		req.Body = &slowBody{ReadCloser: req.Body, rate: f.BytesPerSecond, left: req.Context().Done(), closed: r.closed}
		x.serve(w)
	case Answer, Cut, CutAnswer, Hang:
		x.fail(w, f)
	}
}
