package objects

import (
	"encoding/json"
	"fmt"
	"io"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/object"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
)

// Reading is a body of whole objects that somebody looks at: of a live cluster, or a saved
// one that was found sound before any object is shown.
type Reading struct {
	Types []payload.TypeRecord // that were asked for, in their order
	// Narrowed says that objects of a saved body are left out, so that what its types say of
	// their objects does not hold for those that are shown.
	Narrowed bool
	// Open opens the text, compressed or not, any number of times.
	Open func() io.Reader

	picked map[payload.Type]bool // nil: all
	scope  kube.Scope            // of what is shown of a saved body
	roots  *roots                // nil: not known
}

// Object is one object of a Reading.
type Object struct {
	payload.Type
	Metadata
	JSON []byte // as it is in the body, valid during the call
	// Root is the UID of the object at the end of the chain of owners, which may be this one.
	// It is empty for one that has no owner and owns nothing, and in a circle. Chain is the
	// state of the chain, empty for an object that has no owner. FindOwners finds them.
	Root, Chain string
}

// Metadata is what is known of every object.
type Metadata struct {
	Name, Namespace, UID string
	Labels               map[string]string
	Owners               []Owner `json:"ownerReferences"`
}

// Owner is what an object says of one of its owners.
type Owner struct {
	APIVersion, Kind, Name, UID string
	Controller                  bool
}

// Reading is for looking at the bodies of a collection, which must not be discarded before.
func (b Bodies) Reading() *Reading {
	body := payload.Join(b.Of[payload.Objects])
	return &Reading{Types: b.Types, Open: func() io.Reader { return body.Plain() }}
}

func isNamespaces(t payload.Type) bool { return t.Group == "" && t.Resource == "namespaces" }

// shows reports whether an object is in what was not left out.
func (r *Reading) shows(o *Object) bool {
	if !r.Narrowed {
		return true
	}
	matters := func(namespace string) bool { return r.scope.Matters == nil || r.scope.Matters(namespace) }
	if !o.Namespaced && r.scope.ByName || o.Namespaced && !matters(o.Namespace) || isNamespaces(o.Type) && !matters(o.Name) {
		return false
	}
	var labels []inventory.Label
	for key, value := range o.Labels {
		labels = append(labels, inventory.Label{Key: key, Value: value})
	}
	return r.scope.Labels.Matches(labels)
}

// FindOwners reads the body and finds out who is at the end of each chain of owners.
func (r *Reading) FindOwners() error {
	found := &roots{of: map[string]object.Owned{}, ends: map[string]bool{}}
	if _, err := r.read(func(_ payload.Type, text []byte) error { return found.index.Add(text) }); err != nil {
		return err
	}
	for owned := range found.index.Owned() {
		found.of[owned.UID] = owned
		found.ends[owned.Root] = true
	}
	r.roots = found
	return nil
}

// Each reads the body and shows every object, type by type.
func (r *Reading) Each(show func(*Object) error) error {
	_, err := r.read(func(of payload.Type, text []byte) error {
		if r.picked != nil && !r.picked[of] {
			return nil
		}
		o, err := newObject(of, text)
		if err != nil || !r.shows(&o) {
			return err
		}
		r.roots.find(&o)
		return show(&o)
	})
	return err
}

func (r *Reading) read(each func(payload.Type, []byte) error) (*saved.Objects, error) {
	all, err := saved.NewObjects(each)
	if err != nil {
		return nil, err
	}
	if err := all.Read(r.Open()); err != nil {
		return nil, err
	}
	return all, all.Whole()
}

func newObject(of payload.Type, text []byte) (Object, error) {
	var o struct{ Metadata Metadata }
	if err := json.Unmarshal(text, &o); err != nil {
		return Object{}, fmt.Errorf("%w: the metadata of an object of type %s: %w", saved.ErrSchema, of, err)
	}
	return Object{Type: of, Metadata: o.Metadata, JSON: text}, nil
}

// roots are the objects at the ends of all chains of owners.
type roots struct {
	index object.Index
	of    map[string]object.Owned // by the UID of what is owned
	ends  map[string]bool
}

// find adds to an object what is known of its owners.
func (r *roots) find(o *Object) {
	if r == nil {
		return
	}
	if owned, is := r.of[o.UID]; is {
		o.Root, o.Chain = owned.Root, owned.State.String()
	} else if r.ends[o.UID] {
		o.Root = o.UID
	}
}
