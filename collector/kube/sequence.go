package kube

import (
	"bytes"
	"errors"
	"hash/maphash"
	"slices"

	"stocktake/collector/wire"
)

// ErrUnordered is a server that lists in another order than that of bytes, as one
// does that keeps its objects in a database with a collation. The pods of a
// namespace may then be spread over the listing of all: read them by name, which needs
// no order.
var ErrUnordered = errors.New("the API server lists objects out of order")

// errNameless is an object that could not be told from others.
var errNameless = errors.New("an object without a name")

// sequence finds what was listed before. The API server lists by key,
// "NAMESPACE/NAME", in ascending order of bytes, so that the objects of a namespace
// come together, and the last object and the namespaces that are over tell whether
// one came before. Where that does not hold, or need not hold, a sequence remembers
// every object.
type sequence struct {
	hasher

	last  key // of the last object
	uid   []byte
	begun bool
	over  map[string]struct{} // namespaces before that of the last object

	page     []uint64 // hashes of what was taken of the page at hand
	rewound  bool     // what follows was read before, up to the last object
	same     int      // how many of them came again, in the same order
	diverged bool     // one of them did not
	own      []uint64 // then: of the namespace at hand, what did not come again yet
	passed   key      // then: the last object that was passed over
	passing  bool     // there is one
	doubt    bool     // it may be one that was never taken, if the order is another
	other    bool     // the listing is not the one that was read before

	seen       map[keyHash]uint64 // the hashed UID of every object; nil while the order tells
	descending bool               // an object came after one with a higher key
	boundary   []byte             // letters of the last object before the latest moment began, nil in a listing of one moment
	torn       bool               // a moment began where a namespace may have had objects on both sides, if the order is another

	inNamespace              int // how many were taken of the namespace at hand
	taken, repeated, skipped int
}

// place is what to do with an object.
type place int

const (
	skip place = iota // it was taken already
	take
	takeFirst // of its namespace
	changed   // one of this name was taken already, with another UID
)

// newSequence relies on the order in which a server lists.
func newSequence() sequence { return sequence{hasher: hasher{seed: maphash.MakeSeed()}} }

// remembering is a sequence that does not rely on the order.
func remembering() sequence {
	s := newSequence()
	s.seen = map[keyHash]uint64{}
	return s
}

// admit places the next object of the listing.
func (s *sequence) admit(o *wire.Object) (place, error) {
	if s.again() {
		if s.page[s.same] == s.hash(o) {
			s.same++
			s.skipped++
			s.rewound = s.same < len(s.page)
			return skip, nil
		}
		s.diverge()
	}
	switch {
	case s.seen != nil:
		return s.remembered(o), nil
	case !s.begun:
		return s.first(o), nil
	}
	if s.rewound {
		order := compareKeys(key{o.Namespace, o.Name}, s.last)
		if order <= 0 || s.isOver(o) {
			return skip, s.pass(o, order)
		}
		if s.doubt {
			return skip, ErrUnordered
		}
		s.reached() // the last object is not there any more
	}
	if !bytes.Equal(o.Namespace, s.last.namespace) {
		if s.isOver(o) {
			return skip, ErrUnordered
		}
		s.descending = s.descending || compareKeys(key{o.Namespace, o.Name}, s.last) < 0
		return s.first(o), nil
	}
	switch order := bytes.Compare(o.Name, s.last.name); {
	case order < 0:
		return skip, ErrUnordered
	case order == 0:
		s.repeated++
		s.other = s.other || !bytes.Equal(o.UID, s.uid)
		return skip, nil
	}
	s.remember(o)
	return take, nil
}

// isOver reports whether the namespace of an object came before the one at hand.
func (s *sequence) isOver(o *wire.Object) bool {
	_, over := s.over[string(o.Namespace)]
	return over
}

// first places the first object of a namespace.
func (s *sequence) first(o *wire.Object) place {
	if s.begun && s.seen == nil {
		if s.over == nil {
			s.over = map[string]struct{}{}
		}
		s.over[string(s.last.namespace)] = struct{}{}
		s.torn = s.torn || s.boundary != nil && bytes.HasPrefix(s.boundary, letters(o.Namespace))
	}
	s.begun, s.inNamespace = true, 0
	s.last.namespace = append(s.last.namespace[:0], o.Namespace...)
	s.remember(o)
	return takeFirst
}

// follow places an object that comes after the last.
func (s *sequence) follow(o *wire.Object) place {
	if !s.begun || !bytes.Equal(o.Namespace, s.last.namespace) {
		return s.first(o)
	}
	s.remember(o)
	return take
}

// remembered places an object by what was seen.
func (s *sequence) remembered(o *wire.Object) place {
	k, uid := digestOf(o), maphash.Bytes(s.seed, o.UID)
	before, known := s.seen[k]
	s.seen[k] = uid
	switch {
	case known && !s.rewound:
		s.repeated++
		fallthrough
	case known:
		if uid != before {
			return changed
		}
		return skip
	}
	s.descending = s.descending || s.begun && !s.rewound && compareKeys(key{o.Namespace, o.Name}, s.last) < 0
	return s.follow(o)
}

func (s *sequence) remember(o *wire.Object) {
	s.last.name = append(s.last.name[:0], o.Name...)
	s.uid = append(s.uid[:0], o.UID...)
	s.page = append(s.page, s.hash(o))
	s.taken++
	s.inNamespace++
}

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

// In the order of bytes the pods of a namespace come together. A database with the
// collation of a language (PostgreSQL with en_US.UTF-8) passes over all that is no
// letter and no digit: there "ab/c" comes between "a-b/a" and "a-b/x". As long as a
// listing is of one moment, that shows itself: what comes back is out of order. When
// a later moment begins in between, or the listing fails, "a-b/x" may never come.
//
// In either order the keys of a namespace are together among those that begin with its
// letters. So where the last key does not begin with the letters of a namespace, it is
// over or yet to come as a whole, whatever the order. Where it does, and nobody knows
// the order, the namespaces are read one by one.

// later says that a later moment begins after the last object.
func (s *sequence) later() {
	if s.seen != nil || !s.begun {
		return
	}
	s.torn = s.torn || s.straddles()
	s.boundary = s.last.letters()
}

// straddles reports whether a namespace that is over may have more to come after the
// last object, if the order is not that of bytes.
func (s *sequence) straddles() bool {
	if s.seen != nil {
		return false
	}
	last := s.last.letters()
	for namespace := range s.over {
		if bytes.HasPrefix(last, letters([]byte(namespace))) {
			return true
		}
	}
	return false
}
