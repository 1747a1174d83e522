// Package infralighttest is a service that behaves on the wire as the sources of the collector of Infralight, which is
// Firefly today, let one expect, and is stricter.
//
// A run is a fetching: login, start, then pages of releases, of trees if the service asks for them, and of objects, then the
// lock, then metadata. The service holds callers to that order, to the token, the headers and the form of every body, to
// the name of the fetching in each, and to sending a page that was not taken again with the same bytes. It refuses a
// lock while a page is missing that it has seen, and everything but metadata after one. What the sources leave
// open, such as an unknown member, is refused too.
//
// A script of faults makes any step fail in the ways of services and of networks. Everything that came can be read back.
package infralighttest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// The steps, in their order.
const (
	Login    = "login"
	Start    = "start"
	Helm     = "helm"
	Tree     = "tree"
	Objects  = "objects"
	Lock     = "lock"
	Metadata = "metadata"
)

// Options describe a service. The zero value takes any keys and any cluster.
type Options struct {
	AccessKey, SecretKey string
	Cluster, ClusterUID  string
	Trees                bool   // whether trees are asked for
	Integration          string // what the service calls the cluster; "integration-1" when empty
	Old                  bool   // the service of 2022: it answers 204 to a start, takes trees always and knows no metadata
	Lasts                any    // what it says of how long a token lasts, in seconds; a day when nil
	Faults               []Fault
}

// Service plays Infralight. It is an http.Handler, safe for concurrent use.
type Service struct {
	options Options

	mu       sync.Mutex
	faults   []Fault
	requests []Request
	state    state
}

// Request is what was noted of one request.
type Request struct {
	Step, Method, Path string
	Header             http.Header
	Body               []byte // without compression
	SHA256             string // of the body as it came, in hex
	Status             int    // that was answered; 0 when the connection was cut
	Reason             string // why it was refused
}

// New returns a service for a server of the caller's.
func New(o Options) *Service {
	if o.Integration == "" {
		o.Integration = "integration-1"
	}
	return &Service{options: o, faults: slices.Clone(o.Faults), state: newState()}
}

// Serve serves on a loopback port until the test ends, and returns the address, of the login too.
func Serve(t testing.TB, o Options) (*Service, string) {
	t.Helper()
	s := New(o)
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return s, server.URL
}

// Requests returns everything that came, in the order in which it was answered.
func (s *Service) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Steps returns the steps of the requests, each once where several followed one another.
func (s *Service) Steps() []string {
	var all []string
	for _, r := range s.Requests() {
		all = append(all, r.Step)
	}
	return slices.Compact(all)
}

// Refused returns why requests were refused that no fault was meant for.
func (s *Service) Refused() []string {
	var all []string
	for _, r := range s.Requests() {
		if r.Reason != "" {
			all = append(all, r.Step+": "+r.Reason)
		}
	}
	return all
}

// Locked reports whether the service was told that all was sent, and took it.
func (s *Service) Locked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.locked
}

// Items returns the items of the pages of a step that were taken: releases, trees or objects.
func (s *Service) Items(step string) []json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.items[step])
}

// Told returns the metadata that came, nil for none.
func (s *Service) Told() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.told
}
