package kube

import (
	"bytes"
	"errors"
	"hash/maphash"

	"stocktake/collector/wire"
)

// ErrUnordered is a server that lists in another order than that of bytes, as one
// does that keeps its objects in a database with a collation. The pods of a
// namespace may then be spread over the listing of all: read them with
// [Cluster.PodsIn], which needs no order.
var ErrUnordered = errors.New("the API server lists objects out of order")

// errNameless is an object that could not be told from others.
var errNameless = errors.New("an object without a name")

// sequence finds what was listed before. The API server lists by key,
// "NAMESPACE/NAME", in ascending order of bytes, so that the objects of a namespace
// come together, and the last object and the namespaces that are over tell whether
// one came before. Where that does not hold, or need not hold, a sequence remembers
// every object.
type sequence struct {
	last  key // of the last object
	uid   []byte
	begun bool
	over  map[string]struct{} // namespaces before that of the last object

	seed            maphash.Seed
	hashed          []byte // the namespace that was hashed last
	hashOfNamespace uint64

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
func newSequence() sequence { return sequence{seed: maphash.MakeSeed()} }

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
