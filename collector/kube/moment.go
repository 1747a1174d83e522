package kube

import (
	"context"
	"net/http"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// moment is the version of the cluster at which several namespaces, or several resources, are
// read, one listing each: that of the first page of the first of them. Those after it ask for exactly this
// version (resourceVersionMatch=Exact), which takes no right beyond listing and is
// answered from the history that the server keeps for continue tokens, some five to ten
// minutes. Where the server does not have it, or not any more, the rest is read as it is
// now. Without a moment, which is nil, each listing is of its own.
//
// The version of the first page is one that the server has already. One of another
// resource may be ahead of it: versions of different resources count as one only because all of
// them are kept in one etcd (KEP-5504 has no promise of it), so a resource that another server, or
// another etcd, keeps does not have the moment.
type moment struct {
	several bool          // resources: what one does not have, others may
	settled chan struct{} // closed once the version is known, or lost

	mu      sync.Mutex
	last    chan struct{} // of the part that was given out last: closed once that one has had its say
	version string
	lost    bool
}

func newMoment(several bool) *moment { return &moment{several: several, settled: make(chan struct{})} }

// settle ends the search for the version. Without one nobody has to look any further.
func (m *moment) settle(version string, lost bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.version == "" && !m.lost {
		close(m.settled)
		m.version = version
	}
	m.lost = m.lost || lost
}

// now is the version to ask for, empty if there is none.
func (m *moment) now() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lost {
		return ""
	}
	return m.version
}

// missed reports whether a listing of this version is of another moment.
func (m *moment) missed(version string) bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return version != m.version
}

// exactly is a listing's part in a moment.
type exactly struct {
	*moment
	before  <-chan struct{} // closed once the listing before has had its say, nil for the first
	say     chan struct{}
	version string // that was asked for, empty without any
	ahead   int    // how often the server had not come to the version yet
}

// part is that of the next listing in the order in which they are read. Who reads them
// gives the parts out, and one after the other is enough to find the version: the page
// that tells it is read before those of the listings that wait for it.
func (m *moment) part() exactly {
	if m == nil {
		return exactly{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e := exactly{moment: m, before: m.last, say: make(chan struct{})}
	m.last = e.say
	return e
}

// again is the part of a listing that takes the place of one that was read.
func (m *moment) again() exactly {
	if m == nil {
		return exactly{}
	}
	return exactly{moment: m, say: make(chan struct{})}
}

// begin finds out what to ask for. Whoever learns it from nobody before asks for the
// latest state.
func (e *exactly) begin(ctx context.Context) {
	if e.moment == nil {
		return
	}
	if e.before != nil {
		select {
		case <-e.settled:
		case <-e.before:
		case <-ctx.Done():
		}
	}
	e.version, e.ahead = e.now(), 0
}

// answered takes the version of the first page, of any if it is empty. Who does not know
// Exact answers with another version than was asked for.
func (e *exactly) answered(version string) {
	if e.moment == nil {
		return
	}
	if missed := version == "" || e.version != "" && version != e.version; !missed || !e.several {
		e.settle(version, missed)
	}
	e.over()
}

// lose says that the server has the version no longer: a token of it expired.
func (e *exactly) lose() {
	if e.moment != nil {
		e.settle("", true)
	}
}

// over lets the listing after this one go on, whether a page was answered or not.
func (e *exactly) over() {
	if e.say != nil {
		close(e.say)
		e.say = nil
	}
}

// mostAhead is how often the same version is asked for of a server that has not come to
// it yet. Each time it waits for three seconds by itself.
const mostAhead = 3

// fails judges why a first page did not come: true means to ask again, as it is now.
func (e *exactly) fails(err error) bool {
	status, ok := asStatus(err)
	if e.version == "" || !ok {
		return false
	}
	switch {
	case status.tooNew():
		e.ahead++
		if e.ahead < mostAhead {
			return false
		}
	case status.Code != http.StatusGone && status.Code != http.StatusBadRequest && status.Code != http.StatusUnprocessableEntity:
		return false
	}
	if !e.several || status.Code == http.StatusGone {
		e.settle("", true)
	}
	e.version = ""
	return true
}

// tooNew reports that the server has not come to the version that it was asked for: a 504
// with a cause of its own, and before 1.36 a 500 that only its words tell from others.
func (e *statusError) tooNew() bool {
	return e.Cause == metav1.CauseTypeResourceVersionTooLarge ||
		e.Code == http.StatusInternalServerError && strings.Contains(e.Message, "required revision is a future revision")
}
