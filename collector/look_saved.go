package collector

import (
	"fmt"
	"io"
	"os"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// recordsOfFile reads a saved inventory.
func (r *run) recordsOfFile(q Query, selector kube.Selector, v inventory.Visitor) (*payload.Loaded, error) {
	saved, name, err := r.load(q.File, inventory.Filter{Visitor: v, Namespaces: r.selection.match, Pods: func(p *inventory.Pod) bool { return selector.Matches(p.Labels) }})
	if err != nil {
		return nil, err
	}
	if saved.Kind == payload.KAI && !selector.All() {
		return nil, fmt.Errorf("%w: %s is an inventory of the kind kai, which knows no labels to select by", settings.ErrInvalid, name)
	}
	saved.Namespaces = r.selection.of(saved.Namespaces)
	return saved, r.holds(saved, name)
}

// load reads a saved inventory, from stdin if the path is "-", and tells what to
// call it.
func (r *run) load(path string, v inventory.Visitor) (saved *payload.Loaded, name string, err error) {
	in, name, err := openSaved(path, r.inv.Stdin)
	if err != nil {
		return nil, name, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	if saved, err = payload.Load(in, r.set.Payload, v); err != nil {
		return nil, name, fmt.Errorf("%s: %w", name, err)
	}
	return saved, name, nil
}

// openSaved opens what was saved earlier: a file, or stdin if the path is "-".
func openSaved(path string, stdin io.Reader) (in io.ReadCloser, name string, err error) {
	if path == "-" {
		return io.NopCloser(stdin), "stdin", nil
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder: give the file that was saved", path)
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(path)
	}
	if err != nil {
		return nil, path, fmt.Errorf("%w: %w", settings.ErrInvalid, err)
	}
	return file, path, nil
}

// holds refuses names of namespaces that a saved inventory does not have, as the
// API server does for a live cluster.
func (r *run) holds(saved *payload.Loaded, file string) error {
	names, _ := r.selection.named()
	for _, name := range names {
		if !containsNamespace(saved.Namespaces, name) {
			return fmt.Errorf("%w: namespace %s: it is not in %s", settings.ErrInvalid, name, file)
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
