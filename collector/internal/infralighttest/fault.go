package infralighttest

import (
	"net/http"
	"slices"
)

// FaultKind is the way in which a request goes wrong.
type FaultKind int

const (
	// Answer answers with Fault.Status in place of what the service would say, which takes nothing.
	Answer FaultKind = iota
	// Cut closes the connection without an answer; nothing was taken.
	Cut
	// Lost closes the connection without an answer; what came was taken.
	Lost
)

// Fault is one step of a script: what happens to one request.
type Fault struct {
	Kind       FaultKind
	Step       string
	Status     int
	RetryAfter string // the header of that name
	Body       string // of the answer
	Echo       bool   // the answer repeats the header and the body of the request
}

// LoginPage is what a sign-on in front of the service says to a robot: success, in HTML.
func LoginPage(step string) Fault {
	return Fault{Step: step, Status: http.StatusOK, Body: "<!DOCTYPE html><html><head><title>Sign in</title></head></html>"}
}

// fault takes the fault that is meant for a step off the script.
func (s *Service) fault(step string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.Step == step })
	if i < 0 {
		return Fault{}, false
	}
	f := s.faults[i]
	s.faults = slices.Delete(s.faults, i, i+1)
	return f, true
}

// Pending counts the faults that no request has taken.
func (s *Service) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.faults)
}
