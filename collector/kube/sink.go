package kube

import "fmt"

// sink takes the objects of one listing as they come off the wire.
type sink struct {
	record record
	order  sequence
	only   string                       // when set, the one namespace that may come
	hand   func() error                 // passes on the record
	end    func(namespace string) error // when set, is told that a namespace is over
}

// take passes on the record at hand, unless it was passed on already.
func (s *sink) take() error {
	meta := s.record.meta()
	if s.only != "" && string(meta.Namespace) != s.only {
		return malformed(fmt.Errorf("an object of namespace %q", printable(string(meta.Namespace))))
	}
	before, begun := s.order.namespace, s.order.begun
	where, err := s.order.admit(meta)
	if err != nil {
		return malformed(err)
	}
	if where == skip {
		return nil
	}
	if where == takeFirst && begun && s.end != nil {
		if err := s.end(before); err != nil {
			return err
		}
	}
	return s.hand()
}

// finish ends the last namespace of a complete listing.
func (s *sink) finish() error {
	if !s.order.begun || s.end == nil {
		return nil
	}
	return s.end(s.order.namespace)
}

func malformed(err error) error {
	return fmt.Errorf("%w: %w: %w", ErrUnavailable, errAnswer, err)
}
