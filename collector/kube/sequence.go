package kube

import (
	"bytes"
	"errors"
	"fmt"
)

// errOrder is a server that lists in an order of its own. Without an order
// nobody can tell whether an object was lost or doubled.
var errOrder = errors.New("the API server lists objects out of order")

// errNameless is an object that could not be told from others.
var errNameless = errors.New("an object without a name")

// sequence watches over the order of a listing. The API server lists by key,
// "NAMESPACE/NAME": namespace by namespace, and ascending by name within one.
// So the last object and the namespaces that are over tell whether an object
// was listed before.
type sequence struct {
	namespace string // of the last object
	name, uid []byte
	begun     bool
	rewound   bool                // the page is being read again
	over      map[string]struct{} // namespaces before this one

	taken, repeated int
}

// place is what to do with an object.
type place int

const (
	skip place = iota // it was taken already
	take
	takeFirst // of its namespace
)

// admit places the next object of the listing.
func (s *sequence) admit(m *metaRecord) (place, error) {
	if len(m.Name) == 0 {
		return skip, errNameless
	}
	if s.rewound && s.passed(m) {
		return skip, nil
	}
	s.rewound = false
	if s.begun && string(m.Namespace) == s.namespace {
		return s.within(m)
	}
	if _, ok := s.over[string(m.Namespace)]; ok {
		return skip, fmt.Errorf("%w: namespace %q came twice", errOrder, printable(string(m.Namespace)))
	}
	if s.begun {
		s.end()
	}
	s.begun = true
	s.namespace = newText(m.Namespace)
	s.remember(m)
	return takeFirst, nil
}

// within places an object of the same namespace as the last.
func (s *sequence) within(m *metaRecord) (place, error) {
	order := bytes.Compare(m.Name, s.name)
	if order == 0 && bytes.Equal(m.UID, s.uid) {
		s.repeated++
		return skip, nil
	}
	if order <= 0 {
		return skip, fmt.Errorf("%w: %q after %q", errOrder, printable(string(m.Name)), printable(string(s.name)))
	}
	s.remember(m)
	return take, nil
}

// passed reports whether the object comes before the point that was reached.
func (s *sequence) passed(m *metaRecord) bool {
	if _, ok := s.over[string(m.Namespace)]; ok {
		return true
	}
	return s.begun && string(m.Namespace) == s.namespace && bytes.Compare(m.Name, s.name) <= 0
}

func (s *sequence) remember(m *metaRecord) {
	s.name = append(s.name[:0], m.Name...)
	s.uid = append(s.uid[:0], m.UID...)
	s.taken++
}

// end marks the namespace at hand as over.
func (s *sequence) end() {
	if s.over == nil {
		s.over = make(map[string]struct{})
	}
	s.over[s.namespace] = struct{}{}
}
