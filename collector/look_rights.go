package collector

import (
	"context"
	"strings"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
)

// What a view does without, where the right to read it is missing. A delivery does
// without nothing: a receiver could not tell that from a cluster without nodes.
const (
	withoutNodes     = "PLATFORMS stay empty: nodes may not be listed"
	withoutNamespace = "only the pods of the namespace are known, and not whether it exists: it may not be read itself"
)

// goesOn reports whether this is a view that can do without what was refused, and
// says so.
func (r *run) goesOn(err error, without string) bool {
	if r.looking == nil || !kube.IsForbidden(err) {
		return false
	}
	r.log.Warn().Err(err).Msg(without)
	return true
}

// bareNamespaces adds those of the namespaces that may not be read, by name alone:
// their pods may still be listed, and no view shows more of a namespace. It returns
// the gaps that are left.
func (r *run) bareNamespaces(names []string, gaps []inventory.Gap) (left []inventory.Gap) {
	known := map[string]inventory.Namespace{}
	for _, ns := range r.head.Namespaces {
		known[ns.Name] = ns
	}
	for _, gap := range gaps {
		if !r.goesOn(gap.Cause, withoutNamespace) {
			left = append(left, gap)
			continue
		}
		name := strings.TrimPrefix(gap.Source, "namespace ")
		known[name] = inventory.Namespace{Name: name}
	}
	r.head.Namespaces = nil
	for _, name := range names {
		if ns, ok := known[name]; ok {
			r.head.Namespaces = append(r.head.Namespaces, ns)
			delete(known, name) // a name that comes twice is one namespace
		}
	}
	return left
}

// platforms reads the nodes also when only some namespaces are looked at, if that
// is allowed: what a pod runs on is worth a question, and no reason to fail.
func (r *run) platforms(ctx context.Context) error {
	if _, only := r.selection.named(); !only {
		return nil // they are read
	}
	nodes, _, err := r.cluster.Nodes(ctx)
	if r.goesOn(err, withoutNodes) {
		return nil
	}
	r.head.Nodes = nodes
	return err
}
