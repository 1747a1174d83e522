package kube

import (
	"bytes"
	"slices"

	"stocktake/collector/wire"
)

// turn begins another page.
func (s *sequence) turn() {
	if s.seen != nil && s.diverged {
		s.rewound = false
	}
	switch {
	case s.again():
		s.page = append(s.page[:0], s.page[s.same:]...)
	case !s.rewound:
		s.page = s.page[:0]
	}
	s.same = 0
}

// again reports whether a page comes again, and so far as it was.
func (s *sequence) again() bool { return s.rewound && !s.diverged }

// rewind says that the page at hand is going to be read again, at the same moment
// or at a later one. What comes again as it came before needs no further look.
func (s *sequence) rewind() {
	s.same, s.passing = 0, false
	if s.rewound && s.diverged {
		s.other = true
		return
	}
	s.rewound, s.diverged = len(s.page) > 0, false
}

// diverge goes on where a page does not come again as it was. The namespace at hand
// is still of one moment if all that was taken of it comes, and nothing else.
func (s *sequence) diverge() {
	s.diverged = true
	s.later()
	start := len(s.page) - s.inNamespace
	if start < 0 || s.seen != nil {
		s.other = true
		return
	}
	s.own = slices.Clone(s.page[max(start, s.same):])
}

// reached ends the reading of what was read before.
func (s *sequence) reached() {
	s.rewound = false
	s.other = s.other || len(s.own) > 0
	s.own = nil
}

// pass passes over an object up to the one that was reached before, at a later
// moment. Only while these ascend does the order tell that they were all taken, or
// are new. In an order that is not that of bytes one that was not taken may also be
// an old one that comes after the last, until one that was taken comes after it.
func (s *sequence) pass(o *wire.Object, order int) error {
	here := key{o.Namespace, o.Name}
	if s.passing && order <= 0 && compareKeys(here, s.passed) < 0 {
		return ErrUnordered
	}
	s.passing = true
	s.passed.set(o)
	s.skipped++
	hash := s.hash(o)
	inNamespace := bytes.Equal(o.Namespace, s.last.namespace)
	switch {
	case !inNamespace:
	case len(s.own) > 0 && s.own[0] == hash:
		s.own = s.own[1:]
	default:
		s.other = true
	}
	if order == 0 {
		s.doubt = false
		s.reached()
		return nil
	}
	s.doubt = !slices.Contains(s.page, hash) && (s.doubt || !inNamespace)
	return nil
}
