package objects

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/object"
	"stocktake/collector/objecttype"
	"stocktake/collector/payload"
	"stocktake/collector/wire"
)

// typeSink takes the objects of a type: what may be sent of each goes into all bodies. What
// it cannot take does not end the reading, because others may want the same objects.
type typeSink struct {
	choice  objecttype.Choice
	filter  *object.Filter // nil of a type that is not read
	to      []*payload.TypeWriter
	matches func(namespace string) bool // nil: all do
	uid     *clusterUID                 // of the namespaces: takes that of the cluster
	owners  *owners                     // nil unless somebody wants them

	taken
	ended
}

// taken is what a sink has taken.
type taken struct {
	line         []byte
	counts, sent object.Counts    // of the namespace at hand, and of those before it
	odd          error            // an object of the namespace at hand that cannot be sent
	gaps         map[string]error // by namespace
	broken       error            // nothing more can be taken
	owned        object.Batch     // for the owners, if somebody wants them
}

// ended is how the reading of a type ended.
type ended struct {
	over    bool
	listing inventory.Listing
	err     error
	gone    bool // the server does not serve it any more
}

// open makes the type known to all bodies.
func (t *typeSink) open(writers []*payload.ObjectWriter) error {
	of := payload.Type{Group: t.choice.Group, Version: t.choice.Version, Resource: t.choice.Plural, Kind: t.choice.Kind, Namespaced: t.choice.Namespaced}
	for _, w := range writers {
		one, err := w.Open(of)
		if err != nil {
			return err
		}
		t.to = append(t.to, one)
	}
	return nil
}

// form is how much of each object the server is asked for.
func (t *typeSink) form() kube.Form {
	if t.filter.Level() == object.Metadata {
		return kube.Metadata
	}
	return kube.Whole
}

// Object implements kube.Sink.
func (t *typeSink) Object(o *wire.Object) error {
	if t.uid != nil {
		t.uid.learn(o)
	}
	if t.broken != nil || t.odd != nil || !t.wants(o) {
		return nil
	}
	line, counts, err := t.filter.Append(t.line[:0], o.Bytes)
	if err != nil {
		t.odd = fmt.Errorf("%w: %s %s cannot be sent: %w", kube.ErrUnavailable, t.choice.FullName(), name(o), err)
		return nil
	}
	t.line = line
	t.counts.Add(counts)
	for _, w := range t.to {
		if err := w.Object(line); err != nil {
			t.broken = err
			return nil
		}
	}
	if err := t.owners.hold(&t.owned, line); err != nil {
		t.broken = err
	}
	return nil
}

// wants reports whether an object is of a namespace that matches, or is one.
func (t *typeSink) wants(o *wire.Object) bool {
	switch {
	case t.matches == nil:
		return true
	case t.choice.Namespaced:
		return t.matches(wire.Text(o.Namespace))
	case t.uid != nil:
		return t.matches(wire.Text(o.Name))
	}
	return true
}

// name is that of an object, for people.
func name(o *wire.Object) string {
	if len(o.Namespace) == 0 {
		return fmt.Sprintf("%q", o.Name)
	}
	return fmt.Sprintf("%q", wire.Text(o.Namespace)+"/"+wire.Text(o.Name))
}

// End implements kube.Sink.
func (t *typeSink) End(namespace string, gap *inventory.Gap) error {
	err := t.odd
	if gap != nil {
		err = gap.Cause
	}
	delete(t.gaps, namespace)
	if err == nil {
		t.sent.Add(t.counts)
	} else if t.matches == nil || !t.choice.Namespaced || t.matches(namespace) {
		if t.gaps == nil {
			t.gaps = map[string]error{}
		}
		t.gaps[namespace] = err
	}
	if err == nil {
		t.owned.Keep()
	} else {
		t.owned.Drop()
	}
	for _, w := range t.to {
		if err == nil {
			w.Keep()
		} else {
			w.Drop()
		}
	}
	t.odd, t.counts = nil, object.Counts{}
	return nil
}

// Over implements kube.Ender.
func (t *typeSink) Over(l inventory.Listing, err error) { t.over, t.listing, t.err = true, l, err }

// Restart implements inventory.Restarter.
func (t *typeSink) Restart() {
	for _, w := range t.to {
		w.Restart()
	}
	t.taken, t.ended = taken{line: t.line, broken: t.broken}, ended{}
}

// cause is why the type is not complete, nil if it is.
func (t *typeSink) cause() error {
	var gap error
	if len(t.gaps) > 0 {
		gap = t.gaps[slices.Min(slices.Collect(maps.Keys(t.gaps)))]
	}
	var unread error
	if t.filter != nil && !t.over {
		unread = errNotRead
	}
	return cmp.Or(t.broken, t.choice.Cause, t.err, gap, unread)
}

// fails is why nothing may be delivered: the type is not complete, and the settings do not
// allow it to be missing.
func (t *typeSink) fails(p *Plan) error {
	switch state := t.state(); {
	case state == payload.Forbidden && !p.options.SkipForbidden:
		return forbidden(t.cause(), []kube.Right{{Verb: "list", Group: t.choice.Group, Resource: t.choice.Plural}})
	case state == payload.Unavailable && (!p.incomplete || !tolerable(t.cause())):
		return fmt.Errorf("objects: %w%s", t.cause(), t.advice())
	}
	return nil
}

// state is what became of the type.
func (t *typeSink) state() payload.TypeState {
	cause := t.cause()
	switch {
	case t.choice.State == objecttype.Absent || t.gone:
		return payload.Absent
	case t.choice.State == objecttype.Excluded:
		return payload.Excluded
	case cause == nil:
		return payload.Complete
	case kube.IsForbidden(cause):
		return payload.Forbidden
	}
	return payload.Unavailable
}

// advice is what would make the type readable.
func (t *typeSink) advice() string {
	version, stored := kube.StoredVersion(t.cause())
	if !stored || version == t.choice.Version {
		return ""
	}
	return fmt.Sprintf(": its objects are stored as %s, and can be read as that without the webhook: name %s.%s.%s in objects.types", version, t.choice.Plural, version, t.choice.Group)
}

// close says in all bodies what became of the type.
func (t *typeSink) close() error {
	end := payload.TypeEnd{State: t.state()}
	if t.filter != nil {
		end.Level = t.filter.Level().String()
	}
	if end.State == payload.Complete {
		t.owners.take(&t.owned)
		end.ResourceVersion, end.Consistency = t.listing.ResourceVersion, t.listing.Consistency
		end.Redacted = payload.Redacted{Masked: t.sent.Masked, Unknown: t.sent.Unknown, Caught: t.sent.Caught, Dropped: t.sent.Dropped}
	}
	for _, w := range t.to {
		if err := w.End(end); err != nil {
			return err
		}
	}
	return nil
}

// errNotRead is the cause of a type of which the reading did not begin.
var errNotRead = fmt.Errorf("%w: it was not read", kube.ErrUnavailable)
