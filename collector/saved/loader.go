package saved

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"stocktake/collector/payload"
)

// loader reads bodies back into records. It is a reader of each body in turn.
type loader struct {
	gathered

	// The body at hand.
	kind   payload.Kind // empty until a member tells it
	schema *schema
	form   form
	seen   map[string]bool
	early  []part // members that came before the kind was known
	index  int    // of the next element of the member
	object []byte // the member, while it is one whose elements belong together
}

// form is what bodies of one kind are made of.
type form interface {
	// take takes a value that satisfies the schema: an element of an array, or a
	// member that is no array. The text is valid only during the call.
	take(member string, value []byte) error
	// finish visits what has not been visited yet.
	finish() error
}

// begin starts with the next body.
func (l *loader) begin() {
	l.gathered.begin()
	l.kind, l.form = "", nil
	l.seen, l.early, l.index, l.object = map[string]bool{}, nil, 0, nil
}

// take implements reader. The elements of an object are put together again: such
// members are small, and must be seen whole.
func (l *loader) take(p part) error {
	if !utf8.Valid(p.value) {
		return fmt.Errorf("%w: %.80q: not UTF-8", ErrSchema, p.member)
	}
	if p.open != '{' {
		return l.value(p)
	}
	if l.strange(p.member) {
		return nil
	}
	key, err := json.Marshal(p.key)
	if err != nil {
		return err
	}
	l.object = append(append(append(l.object, ','), key...), ':')
	l.object = append(l.object, p.value...)
	if len(l.object) > maxObject {
		return fmt.Errorf("%w: %.80q: an object of more than %d bytes", ErrSchema, p.member, maxObject)
	}
	return nil
}

// maxObject is how long a member may be that is an object: what is said of the
// cluster and the run takes some hundred bytes.
const maxObject = 64 << 10

// end implements reader.
func (l *loader) end(p part) error {
	if p.open == '{' {
		p.value = append(append([]byte("{"), bytes.TrimPrefix(l.object, []byte(","))...), '}')
		l.object = l.object[:0]
	}
	if p.open == '{' || p.open == '[' && l.index == 0 {
		if err := l.value(p); err != nil {
			return err
		}
	}
	if l.seen[p.member] {
		return fmt.Errorf("%w: %.80q comes twice", ErrSchema, p.member)
	}
	l.seen[p.member], l.index = true, 0
	return nil
}

// value takes a value once the kind of the body is known.
func (l *loader) value(p part) error {
	if l.kind != "" {
		return l.settle(p)
	}
	kind, neutral := kindBy(p.member)
	switch {
	case l.strange(p.member):
		return nil
	case neutral && p.open != '[':
		l.early = append(l.early, p)
		return nil
	}
	if err := l.recognise(kind); err != nil {
		return err
	}
	for _, earlier := range l.early {
		if err := l.settle(earlier); err != nil {
			return err
		}
	}
	return l.settle(p)
}

// recognise settles what kind the body is of.
func (l *loader) recognise(kind payload.Kind) error {
	switch {
	case kind == "":
		return errNoInventory
	case kind == payload.Objects:
		return errObjects
	case len(l.times) > 0 && kind != l.loaded.Kind:
		return fmt.Errorf("%w: it is of the kind %s, those before it are of the kind %s", ErrSchema, kind, l.loaded.Kind)
	}
	var err error
	if l.schema, err = schemaOf(kind); err != nil {
		return err
	}
	l.kind, l.loaded.Kind = kind, kind
	switch kind {
	case payload.Stocktake:
		l.form = newNativeForm(&l.gathered)
	case payload.KAI:
		l.form = newKAIForm(&l.gathered, l.seen)
	case payload.Anchore:
		l.form = newAnchoreForm(&l.gathered)
	case payload.Objects, payload.K8sCollector, payload.Infralight, payload.InfralightTrees: // refused above: they are no inventories
	}
	return nil
}

// settle checks a value and gives it to the form.
func (l *loader) settle(p part) error {
	absent := p.open == 0 && string(p.value) == "null" && p.member != "format"
	if absent || l.strange(p.member) {
		return nil
	}
	if l.kind == payload.KAI && p.member == "results" {
		p.value = withImageObjects(p.value)
	}
	c, s, err := l.checker(p)
	if err == nil && p.value != nil {
		err = c.value(s)
	}
	if err == nil && p.value != nil {
		err = l.form.take(p.member, p.value)
	}
	if errors.As(err, new(visitorError)) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %s%w", ErrSchema, c.place(), err)
	}
	if p.open == '[' {
		l.index++
	}
	return nil
}

// checker prepares the check of a value against its schema.
func (l *loader) checker(p part) (*checker, *schema, error) {
	c := &checker{rigour: l.rigour()}
	s, _ := l.schema.member(p.member)
	c.path = append(c.path, step{key: p.member, index: -1})
	if p.open == '[' {
		if err := s.checkKind("array"); err != nil {
			return c, nil, err
		}
		if p.value != nil {
			c.path = append(c.path, step{index: l.index})
		}
		s = s.Items
	}
	c.decoder = json.NewDecoder(bytes.NewReader(p.value))
	c.decoder.UseNumber()
	return c, s, nil
}

// rigour is how closely the body must keep to its schema.
func (l *loader) rigour() rigour {
	if l.kind == payload.Stocktake {
		return asFarAsKnown
	}
	return inItsShape
}

// strange reports whether nothing is known of a member.
func (l *loader) strange(member string) bool {
	if l.kind == "" {
		kind, neutral := kindBy(member)
		return kind == "" && !neutral
	}
	_, known := l.schema.member(member)
	return !known
}

// finish ends the body.
func (l *loader) finish() error {
	if l.kind == "" {
		return errNoInventory
	}
	for _, name := range l.schema.Required {
		if !l.seen[name] && l.rigour() != inItsShape {
			return fmt.Errorf("%w: %s is missing", ErrSchema, name)
		}
	}
	if err := l.form.finish(); err != nil {
		return err
	}
	return l.join()
}
