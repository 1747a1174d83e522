package kube

import (
	"cmp"
	"errors"
	"fmt"

	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// grouping passes the objects of one listing to a sink as they come off the wire, and
// finds out where a namespace ends.
type grouping struct {
	of    *wanted
	order sequence
	only  string              // when set, the one namespace that may come
	end   func(current) error // when set, is told that a namespace is over
	odd   []inventory.Gap     // objects without a namespace that cannot be read

	current         // the namespace at hand
	opened    bool  // there is one
	before    int   // how many objects had been taken before it
	discarded int   // how many were of namespaces that were read in parts
	later     bool  // objects of a later moment than the first ones were taken
	failed    error // what the sink said
	object    wire.Object
}

// current is how the namespace at hand was read so far.
type current struct {
	namespace string
	gap       *inventory.Gap // nil when all of it was read
	divided   bool           // it was read in parts, which are not of one moment
	oldest    int64          // when the oldest of its objects was made, as wire.Object has it
}

// take passes on the object at hand, unless it was passed on already.
func (g *grouping) take() error {
	o := &g.object
	if g.only != "" && string(o.Namespace) != g.only {
		return malformed(fmt.Errorf("an object of namespace %s", quoted(o.Namespace)))
	}
	if len(o.Name) == 0 {
		return g.unreadable(errNameless)
	}
	where, err := g.admit(o)
	if err != nil || where == skip || where == changed && g.of.Namespaced {
		return err
	}
	if where == takeFirst || o.Created < g.oldest {
		g.oldest = o.Created
	}
	err = g.of.Object(o)
	odd, isOdd := errors.AsType[*wire.Unreadable](err)
	switch {
	case isOdd:
		g.leave(odd.Cause)
		return nil
	case wire.IsSyntax(err):
		return malformed(err)
	}
	g.failed = err
	return err
}

// admit places an object. The first one of a namespace ends the one before.
func (g *grouping) admit(o *wire.Object) (place, error) {
	where, err := g.order.admit(o)
	if err != nil {
		return skip, malformed(err)
	}
	g.later = g.later || g.order.diverged
	if g.order.other {
		g.order.other = false
		g.moment()
	}
	if g.unsure() {
		return skip, malformed(ErrUnordered)
	}
	if where == takeFirst {
		err = g.close()
		g.current, g.opened, g.before = current{namespace: wire.Text(o.Namespace)}, true, g.order.taken-1
	}
	return where, err
}

// unsure reports whether a namespace that is over may have lacked something: in an
// order that is not that of bytes it may come back, and at a later moment it may not
// come back any more.
func (g *grouping) unsure() bool {
	return g.order.seen == nil && (g.order.torn || g.later && g.order.descending)
}

// moment says that what follows is of a later moment than what was taken.
func (g *grouping) moment() {
	g.later = g.later || g.order.taken > 0
	g.divided = g.divided || g.opened
}

// version says that the page that begins is of another version of the cluster than
// the one before. If all that was taken of the namespace at hand is on that page,
// and comes again as it was, the namespace is still of one moment.
func (g *grouping) version() {
	g.order.later()
	if g.order.again() && g.order.inNamespace <= len(g.order.page) {
		g.later = true
		return
	}
	g.moment()
}

// close ends the namespace at hand.
func (g *grouping) close() error {
	if !g.opened || g.end == nil {
		return nil
	}
	if g.divided {
		g.discarded += g.order.taken - g.before
	}
	g.failed = g.end(g.current)
	return g.failed
}

// finish ends the last namespace of a complete listing.
func (g *grouping) finish() error {
	if g.order.rewound {
		g.moment() // the object that was reached is not there any more
	}
	if g.unsure() || g.order.seen == nil && g.order.rewound && g.order.doubt {
		return malformed(ErrUnordered)
	}
	return g.close()
}

// unreadable takes an object that cannot be read: it is a gap of its namespace, or of
// its own. Of a namespaced one without a namespace nobody can tell what is not whole,
// and the listing fails.
func (g *grouping) unreadable(cause error) error {
	o, namespace := &g.object, wire.Text(g.object.Namespace)
	switch {
	case !g.of.Namespaced:
	case g.only == "" && namespace == "":
		return malformed(fmt.Errorf("a %s of which not even the namespace can be read, so that nobody can tell which namespace lacks it: %w", g.of.one(), cause))
	case namespace == "":
		namespace = g.only
	case g.only != "" && namespace != g.only:
		return malformed(fmt.Errorf("an object of namespace %s", quoted(o.Namespace)))
	}
	if len(o.Name) > 0 || g.of.Namespaced && (!g.opened || namespace != g.namespace) {
		if g.of.Namespaced {
			o.Namespace = []byte(namespace)
		}
		if where, err := g.admit(o); where == skip || where == changed || err != nil {
			return err
		}
	}
	g.leave(cause)
	return nil
}

// leave notes the gap that the object at hand leaves.
func (g *grouping) leave(cause error) {
	name := wire.Text(g.object.Name)
	if !g.of.Namespaced {
		gap := gapOf(g.of.one()+" "+printable(cmp.Or(name, "without a name")), unreadable(g.of.one(), name, cause))
		if g.of.Resource == Namespaces() {
			gap.Namespace = name
		}
		g.odd = append(g.odd, gap)
		return
	}
	if g.gap == nil {
		g.gap = g.of.gap(g.namespace, unreadable(g.of.one(), g.namespace+"/"+name, cause))
	}
}

// gapOf is the hole that a failure leaves.
func gapOf(source string, err error) inventory.Gap {
	return inventory.Gap{Source: source, Reason: err.Error(), Cause: err}
}

// gap is the gap that the objects of a namespace leave.
func (r Resource) gap(namespace string, err error) *inventory.Gap {
	gap := gapOf(r.source(namespace), err)
	gap.Namespace = namespace
	return &gap
}

// unreadable is the cause of a gap that an object leaves.
func unreadable(kind, name string, cause error) error {
	return fmt.Errorf("%s %s cannot be read: %w", kind, printable(name), malformed(cause))
}
