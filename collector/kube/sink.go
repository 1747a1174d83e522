package kube

import (
	"fmt"

	"stocktake/collector/inventory"
)

// sink takes the objects of one listing as they come off the wire.
type sink struct {
	record record
	order  sequence
	only   string              // when set, the one namespace that may come
	hand   func() error        // passes on the record
	again  func()              // when set, is told of a record that was passed on before, and may be another one by now
	odd    func(error) error   // takes an object that cannot be read; the record has its names
	end    func(reading) error // when set, is told that a namespace is over

	reading        // the namespace at hand
	opened    bool // there is one
	before    int  // how many objects had been taken before it
	discarded int  // how many were of namespaces that were read in parts
	later     bool // objects of a later moment than the first ones were taken
}

// reading is how the namespace at hand was read so far.
type reading struct {
	namespace string
	gap       *inventory.Gap // nil when all of it was read
	parts     bool           // it was read in parts, which are not of one moment
	oldest    seconds        // when the oldest of its objects was made
}

// take passes on the record at hand, unless it was passed on already.
func (s *sink) take() error {
	meta := s.record.meta()
	if s.only != "" && string(meta.Namespace) != s.only {
		return malformed(fmt.Errorf("an object of namespace %q", printable(string(meta.Namespace))))
	}
	if len(meta.Name) == 0 {
		return s.odd(errNameless)
	}
	where, err := s.admit(meta)
	switch {
	case err != nil:
		return err
	case where != skip:
		if where == takeFirst || meta.Created < s.oldest {
			s.oldest = meta.Created
		}
		return s.hand()
	case s.again != nil && !s.order.again():
		s.again()
	}
	return nil
}

// admit places an object. The first one of a namespace ends the one before.
func (s *sink) admit(meta *metaRecord) (place, error) {
	where, err := s.order.admit(meta)
	if err != nil {
		return skip, malformed(err)
	}
	s.later = s.later || s.order.diverged
	if s.order.other {
		s.order.other = false
		s.moment()
	}
	if s.unsure() {
		return skip, malformed(ErrUnordered)
	}
	if where == takeFirst {
		err = s.close()
		s.reading, s.opened, s.before = reading{namespace: newText(meta.Namespace)}, true, s.order.taken-1
	}
	return where, err
}

// unsure reports whether a namespace that is over may have lacked something: in an
// order that is not that of bytes it may come back, and at a later moment it may not
// come back any more.
func (s *sink) unsure() bool {
	return s.order.seen == nil && (s.order.torn || s.later && s.order.descending)
}

// moment says that what follows is of a later moment than what was taken.
func (s *sink) moment() {
	s.later = s.later || s.order.taken > 0
	s.parts = s.parts || s.opened
}

// version says that the page that begins is of another version of the cluster than
// the one before. If all that was taken of the namespace at hand is on that page,
// and comes again as it was, the namespace is still of one moment.
func (s *sink) version() {
	s.order.later()
	if s.order.again() && s.order.inNamespace <= len(s.order.page) {
		s.later = true
		return
	}
	s.moment()
}

// close ends the namespace at hand.
func (s *sink) close() error {
	if !s.opened || s.end == nil {
		return nil
	}
	if s.parts {
		s.discarded += s.order.taken - s.before
	}
	return s.end(s.reading)
}

// finish ends the last namespace of a complete listing.
func (s *sink) finish() error {
	if s.order.rewound {
		s.moment() // the object that was reached is not there any more
	}
	if s.unsure() || s.order.seen == nil && s.order.rewound && s.order.doubt {
		return malformed(ErrUnordered)
	}
	return s.close()
}

// oddPod notes a pod that cannot be read as a gap of its namespace. Without a
// namespace nobody can tell what is not whole, and the listing fails.
func (s *sink) oddPod(cause error) error {
	meta := s.record.meta()
	namespace := newText(meta.Namespace)
	switch {
	case s.only == "" && namespace == "":
		return malformed(fmt.Errorf("a pod of which not even the namespace can be read, so that nobody can tell which namespace lacks it: %w", cause))
	case namespace == "":
		namespace = s.only
	case s.only != "" && namespace != s.only:
		return malformed(fmt.Errorf("an object of namespace %q", printable(namespace)))
	}
	if len(meta.Name) > 0 || !s.opened || namespace != s.namespace {
		meta.Namespace = text(namespace)
		if where, err := s.admit(meta); where == skip || err != nil {
			return err
		}
	}
	if s.gap == nil {
		s.gap = podsGap(namespace, unreadable("pod", namespace+"/"+newText(meta.Name), cause))
	}
	return nil
}

// unreadable is the cause of a gap that an object leaves.
func unreadable(kind, name string, cause error) error {
	return fmt.Errorf("%s %s cannot be read: %w", kind, printable(name), malformed(cause))
}

func malformed(err error) error {
	return fmt.Errorf("%w: %w: %w", ErrUnavailable, errAnswer, err)
}
