package kube

import (
	"context"
	"net/http"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// moment is the version of the cluster at which several namespaces are read, one listing
// each: that of the first page of the first of them. Those after it ask for exactly this
// version (resourceVersionMatch=Exact), which takes no right beyond listing and is
// answered from the history that the server keeps for continue tokens, some five to ten
// minutes. Where the server does not have it, or not any more, the rest is read as it is
// now.
//
// The version of the first page is one that the server has already. One of another
// resource may be ahead of it.
type moment struct {
	turn    chan struct{} // taken out by the one who finds out
	mu      sync.Mutex
	version string
	lost    bool
}

func newMoment() *moment {
	m := &moment{turn: make(chan struct{}, 1)}
	m.turn <- struct{}{}
	return m
}

// ask returns the version to ask for. When nobody knows it yet, whoever asks finds it out
// and says found; all others wait for that.
func (m *moment) ask(ctx context.Context) (version string, finds bool) {
	select {
	case <-m.turn:
	case <-ctx.Done():
		return "", false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.version == "" && !m.lost {
		return "", true
	}
	m.turn <- struct{}{}
	return m.now(), false
}

func (m *moment) now() string {
	if m.lost {
		return ""
	}
	return m.version
}

// found ends the search; without a version somebody else begins it anew.
func (m *moment) found(version string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.version = version
	m.turn <- struct{}{}
}

// lose says that the server does not serve the version.
func (m *moment) lose() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lost = true
}

// exactly is a listing's part in a moment.
type exactly struct {
	*moment
	version string // that was asked for, empty without any
	finds   bool   // the first page tells the version
	ahead   int    // how often the server had not come to the version yet
}

// begin finds out what to ask for.
func (e *exactly) begin(ctx context.Context) {
	if e.moment != nil && !e.finds {
		e.version, e.finds = e.ask(ctx)
		e.ahead = 0
	}
}

// answered takes the version of the first page, empty if there is none. Who does not
// know Exact answers with another version than was asked for.
func (e *exactly) answered(version string) {
	switch {
	case e.finds:
		e.finds = false
		e.found(version)
	case e.version != "" && version != "" && version != e.version:
		e.lose()
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
	e.lose()
	e.version = ""
	return true
}

// tooNew reports that the server has not come to the version that it was asked for: a 504
// with a cause of its own, and before 1.36 a 500 that only its words tell from others.
func (e *statusError) tooNew() bool {
	return e.Cause == metav1.CauseTypeResourceVersionTooLarge ||
		e.Code == http.StatusInternalServerError && strings.Contains(e.Message, "required revision is a future revision")
}
