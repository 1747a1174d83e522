package inventory

// Visitor takes the pods of an inventory, namespace by namespace: after the end of
// a namespace none of its pods comes again.
type Visitor interface {
	// Pod takes one pod. The pod and its slices are valid only during the
	// call; every string in it may be kept. An error ends the reading.
	Pod(p *Pod) error
	// End says that every pod of the namespace was visited, or, with a gap,
	// that reading it failed and what was visited is not the whole.
	End(namespace string, gap *Gap) error
}

// Restarter is a Visitor that can forget all that it was shown, because the reading
// begins anew.
type Restarter interface{ Restart() }

// Extender is a Visitor that has to know of every namespace before its pods come: also
// of those that are found while pods are read.
type Extender interface{ AddNamespaces(found []Namespace) }

// Tee shows each pod to several visitors, in their order. The first error ends it.
type Tee []Visitor

// Pod implements Visitor.
func (t Tee) Pod(p *Pod) error {
	for _, v := range t {
		if err := v.Pod(p); err != nil {
			return err
		}
	}
	return nil
}

// End implements Visitor.
func (t Tee) End(namespace string, gap *Gap) error {
	for _, v := range t {
		if err := v.End(namespace, gap); err != nil {
			return err
		}
	}
	return nil
}

// Restart implements Restarter for those of the visitors that do.
func (t Tee) Restart() {
	for _, v := range t {
		if v, ok := v.(Restarter); ok {
			v.Restart()
		}
	}
}

// AddNamespaces implements Extender for those of the visitors that do.
func (t Tee) AddNamespaces(found []Namespace) {
	for _, v := range t {
		if v, ok := v.(Extender); ok {
			v.AddNamespaces(found)
		}
	}
}

// Filter shows a visitor some pods. A nil function keeps everything.
type Filter struct {
	Visitor
	Namespaces func(name string) bool // pods and ends of the others are left out
	Pods       func(p *Pod) bool
}

// Pod implements Visitor.
func (f Filter) Pod(p *Pod) error {
	if f.Namespaces != nil && !f.Namespaces(p.Namespace) || f.Pods != nil && !f.Pods(p) {
		return nil
	}
	return f.Visitor.Pod(p)
}

// End implements Visitor.
func (f Filter) End(namespace string, gap *Gap) error {
	if f.Namespaces != nil && !f.Namespaces(namespace) {
		return nil
	}
	return f.Visitor.End(namespace, gap)
}
