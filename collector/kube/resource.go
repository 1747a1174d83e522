package kube

import (
	"net/url"
	"strings"

	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// Resource is a kind of object that the API server lists.
type Resource struct {
	Group, Version, Plural string // as its address spells them; pods have no group
	Kind                   string // of one object: "Pod"
	List                   string // kind of its lists: "PodList"; empty: it may be any, as with custom resources
	Namespaced             bool
}

// Core is a resource of the API's first group, which has no name.
func Core(plural, kind string, namespaced bool) Resource {
	return Resource{Version: "v1", Plural: plural, Kind: kind, List: kind + "List", Namespaced: namespaced}
}

// Namespaces is the resource by which the objects of others are divided.
func Namespaces() Resource { return Core("namespaces", "Namespace", false) }

// Path is the address of the objects of a namespace, or of all, or of the one that is
// named.
func (r Resource) Path(namespace string, name ...string) string {
	parts := []string{"api", r.Version}
	if r.Group != "" {
		parts = []string{"apis", r.Group, r.Version}
	}
	if namespace != "" {
		parts = append(parts, "namespaces", url.PathEscape(namespace))
	}
	parts = append(parts, r.Plural)
	for _, one := range name {
		parts = append(parts, url.PathEscape(one))
	}
	return strings.Join(parts, "/")
}

// name tells the resource from others: "pods", "jobs.batch".
func (r Resource) name() string {
	if r.Group == "" {
		return r.Plural
	}
	return r.Plural + "." + r.Group
}

// source is what is listed, for people.
func (r Resource) source(namespace string) string {
	if namespace == "" {
		return r.name()
	}
	return r.name() + " of namespace " + namespace
}

// one is what people call an object of it.
func (r Resource) one() string { return strings.ToLower(r.Kind) }

// Want says who wants the objects of a resource.
type Want struct {
	Resource Resource
	Form     Form
	Sink     Sink
}

// Form is how much of each object a Sink wants, and in which encoding.
type Form int

// The forms. Wants of one resource share one listing, in which all get what they want.
const (
	Decoded  Form = iota // as its decoder takes it: in whichever encoding is the cheapest
	Whole                // as JSON
	Metadata             // kind, apiVersion and metadata, as JSON: nothing else leaves the server unless another wants it
)

// kindOfMetadata is the kind of a list that the server cuts down to metadata.
const kindOfMetadata = "PartialObjectMetadataList"

// acceptMetadata asks for it, and takes nothing else.
const acceptMetadata = "application/json;as=" + kindOfMetadata + ";g=meta.k8s.io;v=v1"

// listed says how a list of a resource is asked for in a form, and of which kind it is then.
func (f Form) listed(of Resource) (accepts, kind string) {
	switch f {
	case Metadata:
		return acceptMetadata, kindOfMetadata
	case Whole:
		return string(wire.JSON), of.List
	case Decoded:
	}
	return accept, of.List
}

// Sink takes the objects of a resource, namespace by namespace: after the end of a
// namespace without a gap none of its objects comes again.
type Sink interface {
	// Object takes one object, which is valid during the call. It returns a
	// *[wire.Unreadable] for one that cannot be read, which leaves a gap; every other
	// error ends the reading.
	//
	// A node or another object of the cluster may come again with another UID, if it
	// was deleted and made again while the cluster was read.
	Object(o *wire.Object) error
	// End says that every object of the namespace came, or, with a gap, that reading
	// it failed and what came is not the whole: it is to be forgotten. The objects of
	// the cluster, which have no namespace, end once.
	End(namespace string, gap *inventory.Gap) error
}

// Ender is a Sink that wants to know how the reading of its resource ended: what the listing
// tells of it, and the error, also where no namespace was begun that could End.
type Ender interface {
	Over(listing inventory.Listing, err error)
}

// wanted is a resource with all who want it, who share one listing.
type wanted struct {
	Resource
	form    Form
	decoded bool // by a sink, which takes objects for those of the namespaces that were listed
	sinks   []Sink
}

// together puts the wants of one resource together, in their order.
func together(wants []Want) []*wanted {
	var all []*wanted
	of := map[Resource]*wanted{}
	for _, want := range wants {
		w := of[want.Resource]
		if w == nil {
			w = &wanted{Resource: want.Resource, form: want.Form}
			of[want.Resource], all = w, append(all, w)
		}
		if want.Form != w.form {
			w.form = Whole
		}
		w.decoded = w.decoded || want.Form == Decoded
		w.sinks = append(w.sinks, want.Sink)
	}
	return all
}

// Object implements Sink.
func (w *wanted) Object(o *wire.Object) error {
	for _, sink := range w.sinks {
		if err := sink.Object(o); err != nil {
			return err
		}
	}
	return nil
}

// over tells those who want to know how the reading ended.
func (w *wanted) over(listing inventory.Listing, err error) {
	for _, sink := range w.sinks {
		if e, ok := sink.(Ender); ok {
			e.Over(listing, err)
		}
	}
}

// End implements Sink.
func (w *wanted) End(namespace string, gap *inventory.Gap) error {
	for _, sink := range w.sinks {
		if err := sink.End(namespace, gap); err != nil {
			return err
		}
	}
	return nil
}
