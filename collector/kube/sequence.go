package kube

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"hash/maphash"
	"slices"
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

	page     []uint64 // hashes of what was taken of the page at hand
	rewound  bool     // what follows was read before, up to the last object
	same     int      // how many of them came again, in the same order
	diverged bool     // one of them did not
	own      []uint64 // then: of the namespace at hand, what did not come again yet
	passed   key      // then: the last object that was passed over
	passing  bool     // there is one
	other    bool     // the listing is not the one that was read before

	seen       map[keyHash]struct{} // every object; nil while the order tells
	descending bool                 // an object came after one with a higher key

	inNamespace              int // how many were taken of the namespace at hand
	taken, repeated, skipped int
}

// keyHash stands for the key of an object: 16 bytes, whatever the name.
type keyHash [16]byte

// key is the place of an object in a listing.
type key struct{ namespace, name []byte }

// set copies the key of an object, into the memory that the key has.
func (k *key) set(m *metaRecord) {
	k.namespace = append(k.namespace[:0], m.Namespace...)
	k.name = append(k.name[:0], m.Name...)
}

// place is what to do with an object.
type place int

const (
	skip place = iota // it was taken already
	take
	takeFirst // of its namespace
)

// remembering is a sequence that does not rely on the order.
func remembering() sequence { return sequence{seen: map[keyHash]struct{}{}} }

// turn begins another page.
func (s *sequence) turn() {
	if s.seen != nil && s.diverged {
		s.rewound = false
	}
	if s.again() {
		s.page = append(s.page[:0], s.page[s.same:]...)
	} else {
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

// admit places the next object of the listing.
func (s *sequence) admit(m *metaRecord) (place, error) {
	if s.again() {
		if s.page[s.same] == hashOf(m) {
			s.same++
			s.skipped++
			s.rewound = s.same < len(s.page)
			return skip, nil
		}
		s.diverge()
	}
	switch {
	case s.seen != nil:
		return s.remembered(m), nil
	case !s.begun:
		return s.first(m), nil
	}
	if s.rewound {
		order := compareKeys(key{m.Namespace, m.Name}, s.last)
		if order <= 0 || s.isOver(m) {
			return skip, s.pass(m, order)
		}
		s.reached() // the last object is not there any more
	}
	if !bytes.Equal(m.Namespace, s.last.namespace) {
		if s.isOver(m) {
			return skip, ErrUnordered
		}
		s.descending = s.descending || compareKeys(key{m.Namespace, m.Name}, s.last) < 0
		return s.first(m), nil
	}
	switch order := bytes.Compare(m.Name, s.last.name); {
	case order < 0:
		return skip, ErrUnordered
	case order == 0:
		s.repeated++
		s.other = s.other || !bytes.Equal(m.UID, s.uid)
		return skip, nil
	}
	s.remember(m)
	return take, nil
}

// isOver reports whether the namespace of an object came before the one at hand.
func (s *sequence) isOver(m *metaRecord) bool {
	_, over := s.over[string(m.Namespace)]
	return over
}

// first places the first object of a namespace.
func (s *sequence) first(m *metaRecord) place {
	if s.begun && s.seen == nil {
		if s.over == nil {
			s.over = map[string]struct{}{}
		}
		s.over[string(s.last.namespace)] = struct{}{}
	}
	s.begun, s.inNamespace = true, 0
	s.last.namespace = append(s.last.namespace[:0], m.Namespace...)
	s.remember(m)
	return takeFirst
}

// follow places an object that comes after the last.
func (s *sequence) follow(m *metaRecord) place {
	if !s.begun || !bytes.Equal(m.Namespace, s.last.namespace) {
		return s.first(m)
	}
	s.remember(m)
	return take
}

// pass passes over an object up to the one that was reached before, at a later
// moment. Only while these ascend does the order tell that they were all taken, or
// are new.
func (s *sequence) pass(m *metaRecord, order int) error {
	here := key{m.Namespace, m.Name}
	if s.passing && order <= 0 && compareKeys(here, s.passed) < 0 {
		return ErrUnordered
	}
	s.passing = true
	s.passed.set(m)
	s.skipped++
	if bytes.Equal(m.Namespace, s.last.namespace) {
		if len(s.own) > 0 && s.own[0] == hashOf(m) {
			s.own = s.own[1:]
		} else {
			s.other = true
		}
	}
	if order == 0 {
		s.reached()
	}
	return nil
}

// remembered places an object by what was seen.
func (s *sequence) remembered(m *metaRecord) place {
	k := digestOf(m)
	if _, ok := s.seen[k]; ok {
		if !s.rewound {
			s.repeated++
		}
		return skip
	}
	s.seen[k] = struct{}{}
	s.descending = s.descending || s.begun && !s.rewound && compareKeys(key{m.Namespace, m.Name}, s.last) < 0
	return s.follow(m)
}

func (s *sequence) remember(m *metaRecord) {
	s.last.name = append(s.last.name[:0], m.Name...)
	s.uid = append(s.uid[:0], m.UID...)
	s.page = append(s.page, hashOf(m))
	s.taken++
	s.inNamespace++
}

// hashOf tells an object from others on the same page.
func hashOf(m *metaRecord) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := maphash.Bytes(seed, m.Namespace)
	h = h*prime + maphash.Bytes(seed, m.Name)
	return h*prime + maphash.Bytes(seed, m.UID)
}

// seed makes hashes that nobody can foresee.
var seed = maphash.MakeSeed()

func digestOf(m *metaRecord) keyHash {
	var room [512]byte
	text := append(append(append(room[:0], m.Namespace...), '/'), m.Name...)
	sum := sha256.Sum256(text)
	return keyHash(sum[:len(keyHash{})])
}

// compareKeys compares two keys as the API server does: by the bytes of the whole
// of them, so that "a-b/x" comes before "a/x".
func compareKeys(a, b key) int {
	if bytes.Equal(a.namespace, b.namespace) {
		return bytes.Compare(a.name, b.name)
	}
	n := min(len(a.namespace), len(b.namespace))
	if order := bytes.Compare(a.namespace[:n], b.namespace[:n]); order != 0 {
		return order
	}
	// One is the beginning of the other, and ends with a slash there.
	if len(a.namespace) == n {
		return cmp.Compare('/', b.namespace[n])
	}
	return cmp.Compare(a.namespace[n], '/')
}
