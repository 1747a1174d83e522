package object

import (
	"bytes"
	"slices"
)

// uid is a UID in 16 bytes: as every API server makes them, or the hash of one that is odd.
type uid [16]byte

// owned is what the index keeps of an object. At half a million of them every byte counts.
type owned struct {
	uid       uid
	owner     uid    // zero if there is none
	namespace uint32 // zero for objects without one
}

// adopted is the namespace of a volume that its claim owns, wherever that is.
const adopted = ^uint32(0)

// State says where the chain of owners of an object ends.
type State uint8

// The states of an owned object.
const (
	Found   State = iota + 1 // at an object that nobody owns
	Missing                  // at an owner that is gone, or of a type that was not read
	Cycle                    // nowhere: the owners own each other
	Foreign                  // at an owner in another namespace, which Kubernetes ignores
)

// String is the state as bodies name it.
func (s State) String() string {
	return [...]string{"", "found", "missing", "cycle", "foreign"}[s]
}

// climbing is the state of objects whose end is being looked for.
const climbing State = 0xff

// end is where the chain of owners of an object ends.
type end struct {
	root  int32
	state State
}

// forest finds the ends of all chains of owners. Each object is visited once, however long
// the chains are.
type forest struct {
	objects []owned // sorted
	ends    []end
	path    []int32
}

// climb goes from an object to its owners until the end is known, and notes it for all on
// the way.
func (f *forest) climb(from int) {
	f.path = f.path[:0]
	at := int32(from) //nolint:gosec // there are not so many objects
	for f.ends[at].state == 0 {
		f.ends[at].state = climbing
		f.path = append(f.path, at)
		next, last := f.owner(at)
		if last != 0 {
			f.ends[at] = end{root: at, state: last}
			break
		}
		at = next
	}
	to := f.ends[at]
	if to.state == climbing {
		to = end{root: -1, state: Cycle}
	}
	for _, i := range f.path {
		f.ends[i] = to
	}
}

// owner is the owner of an object, or the state of a chain that ends there.
func (f *forest) owner(of int32) (int32, State) {
	o := &f.objects[of]
	if o.owner == (uid{}) {
		return 0, Found
	}
	i, found := slices.BinarySearchFunc(f.objects, o.owner, func(o owned, key uid) int { return bytes.Compare(o.uid[:], key[:]) })
	if !found {
		return 0, Missing
	}
	home := f.objects[i].namespace
	if home != 0 && home != adopted && home != o.namespace && o.namespace != adopted {
		return 0, Foreign
	}

	return int32(i), 0 //nolint:gosec // there are not so many objects
}
