package collector

import (
	"fmt"
	"io"
	"os"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/payload"
)

// recordsOfFile reads a saved inventory.
func (r *run) recordsOfFile(q Query, selector kube.Selector, v kube.Visitor) (*payload.Loaded, error) {
	in, name := io.NopCloser(r.inv.Stdin), "stdin"
	if q.File != "-" {
		file, err := os.Open(q.File)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errSettings, err)
		}
		in, name = file, q.File
	}
	defer in.Close() //nolint:errcheck // it was only read
	saved, err := payload.Load(in, r.set.Payload, filtered{r.selection, labelled{selector, v}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if saved.Kind == payload.KAI && !selector.All() {
		return nil, fmt.Errorf("%w: %s is an inventory of the kind kai, which knows no labels to select by", errSettings, name)
	}
	saved.Namespaces = r.selection.of(saved.Namespaces)
	return saved, r.holds(saved, name)
}

// holds refuses names of namespaces that a saved inventory does not have, as the
// API server does for a live cluster.
func (r *run) holds(saved *payload.Loaded, file string) error {
	names, _ := r.selection.named()
	for _, name := range names {
		if !containsNamespace(saved.Namespaces, name) {
			return fmt.Errorf("%w: namespace %s: it is not in %s", errSettings, name, file)
		}
	}
	return nil
}

func containsNamespace(all []inventory.Namespace, name string) bool {
	for i := range all {
		if all[i].Name == name {
			return true
		}
	}
	return false
}

// labelled shows the pods that a selector chooses.
type labelled struct {
	kube.Selector
	kube.Visitor
}

func (l labelled) Pod(p *inventory.Pod) error {
	if !l.Matches(p.Labels) {
		return nil
	}
	return l.Visitor.Pod(p)
}
